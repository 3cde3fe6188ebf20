// Any endpoint that speaks Chat Completions: OpenAI itself, LM Studio, Ollama, and whatever OPENAI_BASE_URL names.
// No SDK: one POST, one stream of events. Servers that answer whole or leave out the usage are understood as well.

import { fail, ok } from "../protocol/result.ts";
import type { ModelDelta } from "../core/ports.ts";
import { chatGathered, gatherChat, startChatGathering, type ChatError, type ChatGathering } from "./chatAnswer.ts";
import { chatBody } from "./chatRequest.ts";
import { familyOf } from "./families.ts";
import { failedWith, faultOfAnswer, faultOfError, faultOfNothing, retryAfter, type Fault } from "./fault.ts";
import type { HttpFetch, StreamedResponse } from "./httpFetch.ts";
import { preparedBody } from "./preparedBody.ts";
import type { Environment, Provider } from "./provider.ts";
import { drain, eventData } from "./sse.ts";
import { costOf, estimatedUsage, noUsage } from "./usage.ts";

type Endpoint = {
  provider: "openai" | "lmstudio" | "ollama";
  title: string;
  baseUrl: string;
  key: string | undefined;
  needsKey: boolean;
};

export function openaiEndpoint(env: Environment): Endpoint {
  const baseUrl = env["OPENAI_BASE_URL"];
  // A server of one's own often has no keys at all; only OpenAI's certainly does.
  return {
    provider: "openai",
    title: "OpenAI",
    baseUrl: baseUrl || "https://api.openai.com/v1",
    key: env["OPENAI_API_KEY"],
    needsKey: !baseUrl,
  };
}

export function lmstudioEndpoint(env: Environment): Endpoint {
  const baseUrl = env["LMSTUDIO_BASE_URL"] || "http://127.0.0.1:1234/v1";
  return { provider: "lmstudio", title: "LM Studio", baseUrl, key: env["LMSTUDIO_API_KEY"], needsKey: false };
}

export function ollamaEndpoint(env: Environment): Endpoint {
  const baseUrl = env["OLLAMA_BASE_URL"] || ollamaUrl(env["OLLAMA_HOST"]);
  return { provider: "ollama", title: "Ollama", baseUrl, key: undefined, needsKey: false };
}

/** OLLAMA_HOST is a host, a host with a port, or a URL; 0.0.0.0 is where a server listens, not where one is reached. */
function ollamaUrl(host: string | undefined): string {
  if (!host) return "http://127.0.0.1:11434/v1";
  const address = /^https?:\/\//.test(host) ? host : `http://${host}`;
  if (!URL.canParse(address)) return `${address}/v1`;
  const url = new URL(address);
  if (url.hostname === "0.0.0.0") url.hostname = "127.0.0.1";
  if (url.port === "" && !/:\d+\/?$/.test(host) && url.protocol === "http:") url.port = "11434";
  return url.pathname === "/" ? `${url.origin}/v1` : url.href;
}

export function chatProvider(endpoint: Endpoint, fetch: HttpFetch): Provider {
  const { provider, title, key } = endpoint;
  const bodies = preparedBody((model, request) => Buffer.from(chatBody(provider, model, request, familyOf(provider, model))));
  return {
    prepare: (model, request) => bodies.prepare(model, request),
    resolve(model) {
      if (model === "") return fail("no_model", `The model needs a name: "${provider}:NAME".`);
      if (endpoint.needsKey && !key) {
        return fail(
          "no_model",
          `The model "${provider}:${model}" needs a key: set OPENAI_API_KEY (or OPENAI_BASE_URL for a server of your own).`,
        );
      }
      if (!URL.canParse(endpoint.baseUrl)) return fail("no_model", `The base URL of ${title} is not a URL: "${endpoint.baseUrl}".`);
      const { contextWindow, maxOutput, price } = familyOf(provider, model);
      return ok({
        name: `${provider}:${model}`,
        contextWindow,
        maxOutput,
        scripted: false,
        ...(price ? { inputUsdPerMillion: price.input, outputUsdPerMillion: price.output } : {}),
      });
    },
    async stream(model, request, onDelta, signal) {
      const family = familyOf(provider, model);
      const answer = startChatGathering(model);
      const body = bodies.take(model, request);
      let fault: Fault | undefined;
      try {
        const response = await fetch(`${endpoint.baseUrl.replace(/\/+$/, "")}/chat/completions`, {
          method: "POST",
          headers: { "content-type": "application/json", accept: "text/event-stream", ...(key ? { authorization: `Bearer ${key}` } : {}) },
          body,
          signal,
        });
        fault = response.ok ? await readAnswer(answer, response, title, onDelta) : await faultOfResponse(response, title);
      } catch (error) {
        fault = faultOfError(error, title);
      }
      const complete = answer.finish !== undefined;
      const usage = answer.usage ?? (fault || signal.aborted ? noUsage() : estimatedUsage(request, body.length, charactersOf(answer)));
      const costUsd = costOf(usage, family.price);
      if (signal.aborted && !complete) return { kind: "cancelled", usage, costUsd };
      if (fault) return failedWith(fault, usage, costUsd);
      const { text, calls, stop } = chatGathered(answer);
      const content = text === "" ? [] : [{ type: "text" as const, text }];
      return { kind: "answer", content, calls, stop, usage, costUsd, model: `${provider}:${answer.model}` };
    },
  };
}

async function readAnswer(
  answer: ChatGathering,
  response: StreamedResponse,
  title: string,
  onDelta: (delta: ModelDelta) => void,
): Promise<Fault | undefined> {
  const kind = response.headers.get("content-type");
  const whole = kind?.includes("application/json") === true;
  if (whole) {
    const error = gatherChat(answer, await response.json(), onDelta);
    if (error) return faultOfChat(error, title);
  } else {
    const events = eventData(response.body);
    for (let next = await events.next(); next.done !== true; next = await events.next()) {
      if (next.value === "[DONE]") {
        await drain(events);
        break;
      }
      const error = gatherChat(answer, JSON.parse(next.value), onDelta);
      if (error) return faultOfChat(error, title);
    }
  }
  if (answer.finish !== undefined) return undefined;
  const begun = answer.text !== "" || answer.calls.length > 0;
  if (begun) return { code: "unreachable", message: `${title}'s answer broke off before its end.`, retryable: true };
  if (whole)
    return { code: "invalid_response", message: `${title} sent an answer without any choice; check the base URL.`, retryable: true };
  return faultOfNothing(title, kind, "the base URL");
}

async function faultOfResponse(response: StreamedResponse, title: string): Promise<Fault> {
  const text = await response.text();
  let error: ChatError = { message: text || "no reason given", type: "", detail: "" };
  try {
    error = gatherChat(startChatGathering(""), JSON.parse(text), () => undefined) ?? error;
  } catch {
    // Not JSON: a proxy's page, say. Its text is the best reason there is.
  }
  return faultOfAnswer(
    { status: response.status, ...error },
    title,
    retryAfter((name) => response.headers.get(name)),
  );
}

/** Inside a 200 stream there is no status: the code or type of the error stands in for it. */
function faultOfChat(error: ChatError, title: string): Fault {
  const status = Number(error.detail);
  if (Number.isInteger(status) && status >= 400) return faultOfAnswer({ status, ...error }, title);
  if (/overloaded|unavailable/i.test(`${error.type} ${error.detail} ${error.message}`)) {
    return { code: "overloaded", message: `${title} is overloaded: ${error.message}`, retryable: true };
  }
  if (/rate_limit/.test(`${error.type} ${error.detail}`)) return faultOfAnswer({ status: 429, ...error }, title);
  return faultOfAnswer({ ...error, ...(/server_error/.test(error.type) ? { status: 500 } : {}) }, title);
}

function charactersOf(answer: ChatGathering): number {
  return answer.text.length + answer.calls.reduce((sum, call) => sum + call.tool.length + call.json.length, 0);
}
