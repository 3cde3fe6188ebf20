// One streamed call of the Messages API on the wire: the request's head, the events of the answer, and what its errors
// mean. By hand, because it is done every turn: the SDK's way to the same bytes costs as much as all the rest of a turn.

import type { RawMessageStreamEvent } from "@anthropic-ai/sdk/resources/messages";
import type { ModelDelta } from "../core/ports.ts";
import { gather, type Gathering } from "./anthropicAnswer.ts";
import { type Fault, faultOfAnswer, faultOfNothing, retryAfter } from "./fault.ts";
import type { HttpFetch, StreamedResponse } from "./httpFetch.ts";
import type { Environment } from "./provider.ts";
import { drain, eventData } from "./sse.ts";

export const anthropicName = "Anthropic";

export type Endpoint = { url: string; headers: Record<string, string> };

export function messagesEndpoint(env: Environment): Endpoint {
  const base = (env["ANTHROPIC_BASE_URL"] || "https://api.anthropic.com").replace(/\/+$/, "");
  const key = env["ANTHROPIC_API_KEY"];
  const proof: Record<string, string> = key ? { "x-api-key": key } : { authorization: `Bearer ${env["ANTHROPIC_AUTH_TOKEN"] ?? ""}` };
  const accepted = { accept: "text/event-stream", "content-type": "application/json", "user-agent": "agent-orchestrator" };
  return { url: `${base}/v1/messages`, headers: { ...accepted, "anthropic-version": "2023-06-01", ...proof } };
}

/** Fills `answer`. What the server says against the request is returned; what breaks on the way is thrown. */
export async function streamMessages(
  { url, headers }: Endpoint,
  fetch: HttpFetch,
  call: { body: Uint8Array; answer: Gathering; onDelta: (delta: ModelDelta) => void; signal: AbortSignal },
): Promise<Fault | undefined> {
  const response = await fetch(url, { method: "POST", headers, body: call.body, signal: call.signal });
  if (!response.ok) return faultOfResponse(response);
  const events = eventData(response.body);
  let came = false;
  for (let next = await events.next(); next.done !== true; next = await events.next()) {
    came = true;
    const event = JSON.parse(next.value) as RawMessageStreamEvent | ErrorBody;
    if (event.type === "error") return faultOfBody(event, response, undefined);
    gather(call.answer, event, call.onDelta);
    if (call.answer.ended) {
      await drain(events);
      break;
    }
  }
  return came ? undefined : faultOfNothing(anthropicName, response.headers.get("content-type"), "ANTHROPIC_BASE_URL");
}

type ErrorBody = { type: "error"; error?: { type?: string; message?: string; details?: { error_code?: string } | null } };

async function faultOfResponse(response: StreamedResponse): Promise<Fault> {
  const text = await response.text();
  try {
    return faultOfBody(JSON.parse(text) as ErrorBody, response, text);
  } catch {
    // Not JSON: a proxy's page, say. Its text is the best reason there is.
    return faultOfBody({ type: "error", error: { message: text || "no reason given" } }, response, text);
  }
}

/** An error inside a 200 stream has no status: its type stands in for it. */
function faultOfBody({ error }: ErrorBody, response: StreamedResponse, text: string | undefined): Fault {
  const wait = retryAfter((name) => response.headers.get(name));
  const message = error?.message ?? text ?? "no reason given";
  const status = response.ok ? undefined : response.status;
  return faultOfAnswer({ status, type: error?.type, detail: error?.details?.error_code, message }, anthropicName, wait);
}
