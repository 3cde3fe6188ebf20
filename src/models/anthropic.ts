// Anthropic's Messages API through the official SDK: one streamed call, faults as outcomes. Core retries, so the SDK
// does not; the SDK is loaded when the first call is made, never before.

import type { Anthropic, APIError } from "@anthropic-ai/sdk";
import type { Stream } from "@anthropic-ai/sdk/core/streaming";
import type { MessageCountTokensParams, RawMessageStreamEvent } from "@anthropic-ai/sdk/resources/messages";
import { fail, messageOf, ok } from "../protocol/result.ts";
import { totalTokens } from "../protocol/state.ts";
import { charactersOf, gather, gathered, startGathering } from "./anthropicAnswer.ts";
import { requestBody } from "./anthropicRequest.ts";
import { familyOf } from "./families.ts";
import { failedWith, faultOfAnswer, faultOfError, faultOfNothing, type Fault, retryAfter } from "./fault.ts";
import type { HttpFetch } from "./httpFetch.ts";
import { preparedBody } from "./preparedBody.ts";
import type { Environment, Provider } from "./provider.ts";
import { costOf, estimatedUsage } from "./usage.ts";

const who = "Anthropic";
const noLimit = 2_147_483_647;

export function anthropicProvider(env: Environment, fetch: HttpFetch): Provider {
  let client: Promise<Anthropic> | undefined;
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
        ...(price ? { inputUsdPerMillion: price.input, outputUsdPerMillion: price.output } : {}),
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
      let sent = 0;
      let fault: Fault | undefined;
      try {
        const body = bodies.take(model, request);
        sent = body.length;
        client ??= openClient(env, fetch);
        const { data: events, response } = await post(await client, body, signal);
        for await (const event of events) gather(answer, event, onDelta);
        if (!answer.ended) fault = unfinished(answer, response.headers.get("content-type"));
      } catch (error) {
        fault = faultOf(error);
      }
      const reported = totalTokens(answer.usage) > 0;
      const usage = reported || fault || !answer.ended ? answer.usage : estimatedUsage(request, sent, charactersOf(answer));
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
    // The SDK sends a key as a bearer token alone, which many gateways do not look at.
    ...(key ? { apiKey: key, defaultHeaders: { "x-api-key": key } } : { authToken: env["ANTHROPIC_AUTH_TOKEN"] ?? null }),
    baseURL: env["ANTHROPIC_BASE_URL"] ?? null,
    fetch: fetch as unknown as typeof globalThis.fetch,
    maxRetries: 0,
    timeout: noLimit,
    logLevel: "off",
    openTelemetry: false,
  });
}

/**
 * `post` instead of `messages.create`: the body is already bytes (see anthropicRequest.ts), and `create` writes a warning
 * to the console on every call of a model that will be retired one day.
 */
function post(
  client: Anthropic,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<{ data: Stream<RawMessageStreamEvent>; response: Response }> {
  const headers = { "content-type": "application/json" };
  return client.post<Stream<RawMessageStreamEvent>>("/v1/messages", { body, headers, stream: true, signal }).withResponse();
}

function unfinished({ stop, parts }: Pick<ReturnType<typeof startGathering>, "stop" | "parts">, contentType: string | null): Fault {
  if (stop === undefined && parts.length === 0) return faultOfNothing(who, contentType, "ANTHROPIC_BASE_URL");
  return { code: "unreachable", message: `${who}'s answer broke off before its end.`, retryable: true };
}

function faultOf(error: unknown): Fault {
  if (!isApiError(error)) return faultOfError(error, who);
  const { status, type, errorCode, headers } = error;
  if (status === undefined && type === null) return faultOfError(error, who);
  const wait = headers ? retryAfter((name) => headers.get(name)) : undefined;
  const message = error.apiMessage ?? messageOf(error);
  return faultOfAnswer({ status, type: type ?? undefined, detail: errorCode ?? undefined, message }, who, wait);
}

/** By shape rather than by class, so that the SDK need not be loaded to judge an error. */
function isApiError(error: unknown): error is APIError {
  return error instanceof Error && "apiMessage" in error && "errorCode" in error;
}
