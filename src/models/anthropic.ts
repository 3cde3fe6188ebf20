// Anthropic's Messages API: one streamed call, faults as outcomes. Core retries. Tokens are counted through the official
// SDK, which is loaded when that is first needed, never before; the stream is in anthropicStream.ts.

import type { Anthropic } from "@anthropic-ai/sdk";
import type { MessageCountTokensParams } from "@anthropic-ai/sdk/resources/messages";
import { fail, ok } from "../protocol/result.ts";
import { gathered, startGathering } from "./anthropicAnswer.ts";
import { requestBody } from "./anthropicRequest.ts";
import { anthropicName, messagesEndpoint, streamMessages } from "./anthropicStream.ts";
import { familyOf } from "./families.ts";
import { failedWith, faultOfError, type Fault } from "./fault.ts";
import type { HttpFetch } from "./httpFetch.ts";
import { preparedBody } from "./preparedBody.ts";
import type { Environment, Provider } from "./provider.ts";
import { costOf } from "./usage.ts";

const noLimit = 2_147_483_647;

export function anthropicProvider(env: Environment, fetch: HttpFetch): Provider {
  let client: Promise<Anthropic> | undefined;
  const endpoint = messagesEndpoint(env);
  const bodies = preparedBody((model, request) => requestBody(model, request, familyOf("anthropic", model)));
  return {
    prepare: (model, request) => bodies.prepare(model, request),
    resolve(model) {
      if (model === "") return fail("no_model", 'The model needs a name, for instance "anthropic:claude-sonnet-4-5".');
      if (!env["ANTHROPIC_API_KEY"] && !env["ANTHROPIC_AUTH_TOKEN"]) {
        return fail("no_model", `The model "anthropic:${model}" needs a key: set ANTHROPIC_API_KEY, or choose another model with --model.`);
      }
      const { contextWindow, maxOutput, price } = familyOf("anthropic", model);
      return ok({
        name: `anthropic:${model}`,
        contextWindow,
        maxOutput,
        scripted: false,
        ...(price ? { outputUsdPerMillion: price.output } : {}),
      });
    },
    async countTokens(model, request, signal) {
      client ??= openClient(env, fetch);
      const { messages, system, tools } = JSON.parse(
        requestBody(model, request, familyOf("anthropic", model)).toString(),
      ) as MessageCountTokensParams;
      const counted = await (
        await client
      ).messages.countTokens({ model, messages, ...(system ? { system } : {}), ...(tools ? { tools } : {}) }, { signal });
      return counted.input_tokens;
    },
    async stream(model, request, onDelta, signal) {
      const family = familyOf("anthropic", model);
      const answer = startGathering(model);
      let fault: Fault | undefined;
      try {
        fault = await streamMessages(endpoint, fetch, { body: bodies.take(model, request), answer, onDelta, signal });
        fault ??= answer.ended ? undefined : brokenOff;
      } catch (error) {
        fault = faultOfError(error, anthropicName);
      }
      const { usage } = answer;
      const costUsd = costOf(usage, family.price);
      // An answer that came whole counts even if the caller has turned away meanwhile.
      if (signal.aborted && !answer.ended) return { kind: "cancelled", usage, costUsd };
      if (fault) return failedWith(fault, usage, costUsd);
      return { kind: "answer", ...gathered(answer, model), usage, costUsd, model: `anthropic:${answer.model}` };
    },
  };
}

async function openClient(env: Environment, fetch: HttpFetch): Promise<Anthropic> {
  const sdk = await import("@anthropic-ai/sdk");
  const key = env["ANTHROPIC_API_KEY"];
  return new sdk.Anthropic({
    ...(key ? { apiKey: key } : { authToken: env["ANTHROPIC_AUTH_TOKEN"] ?? null }),
    baseURL: env["ANTHROPIC_BASE_URL"] ?? null,
    fetch: fetch as unknown as typeof globalThis.fetch,
    maxRetries: 0,
    timeout: noLimit,
    logLevel: "off",
    openTelemetry: false,
  });
}

const brokenOff: Fault = { code: "unreachable", message: `${anthropicName}'s answer broke off before its end.`, retryable: true };
