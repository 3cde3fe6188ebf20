// What can go wrong with a model call, told apart once for all providers. Codes decide what happens next (core retries
// what is retryable); messages are for people and name the way out. Owns no provider's types.

import type { Usage } from "../protocol/agents.ts";
import { messageOf } from "../protocol/result.ts";
import type { ModelFailureCode, ModelOutcome } from "../core/ports.ts";

export type Fault = { code: ModelFailureCode; message: string; retryable: boolean; retryAfterMs?: number };

/** No byte came for longer than the caller was ready to wait. */
export class Silence extends Error {
  override name = "Silence";
}

/** The answer came, and it is not what the protocol promises. */
export class BadAnswer extends Error {
  override name = "BadAnswer";
}

export function failedWith(fault: Fault, usage: Usage, costUsd: number | null): ModelOutcome {
  return { kind: "failed", ...fault, usage, costUsd };
}

/** An error answer in its parts, as the vendors send it: a status, and a type, code and message inside the body. */
type ErrorAnswer = { status?: number | undefined; type?: string | undefined; detail?: string | undefined; message: string };

const spendWords = /\b(credit balance|billing|spend(ing)? limit|insufficient[_ ]quota|exceeded your current quota|usage limits?)\b/i;
const spendCodes = /spend_limit|billing|insufficient_quota|payment_required/;
const tooLongWords =
  /prompt is too long|context[ _](length|window)|maximum context|too many (input )?tokens|reduce the length|exceeds? the (available )?context/i;

export function faultOfAnswer(answer: ErrorAnswer, who: string, retryAfterMs?: number): Fault {
  const { status = 0, type = "", detail = "" } = answer;
  const said = sentence(`${who} answered${status ? ` ${status}` : ""}: ${shortened(answer.message)}`);
  const later = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (type === "overloaded_error" || status === 529) return { code: "overloaded", message: said, retryable: true, ...later };
  if (status === 402 || spendCodes.test(`${type} ${detail}`) || ((status === 429 || status === 400) && spendWords.test(answer.message))) {
    return { code: "spend_limit", message: `${said} Raise the limit or add credit at the provider.`, retryable: false };
  }
  if (type === "rate_limit_error" || status === 429) return { code: "rate_limited", message: said, retryable: true, ...later };
  if (status === 401 || type === "authentication_error") return { code: "denied", message: `${said} Check the API key.`, retryable: false };
  if (status === 403 || type === "permission_error") return { code: "denied", message: said, retryable: false };
  if (status === 404 || type === "not_found_error")
    return { code: "unknown_model", message: `${said} Check the model's name and the base URL.`, retryable: false };
  if (status === 413 || tooLongWords.test(answer.message)) return { code: "too_long", message: said, retryable: false };
  if (status === 408 || status === 504 || type === "timeout_error") return { code: "timeout", message: said, retryable: true, ...later };
  if (status >= 500 || type === "api_error") return { code: "server_error", message: said, retryable: true, ...later };
  if (status === 409) return { code: "server_error", message: said, retryable: true, ...later };
  return { code: "bad_request", message: said, retryable: false };
}

/** Of a 200 that held not one event: another kind of document comes again however often it is asked for. */
export function faultOfNothing(who: string, contentType: string | null, setting: string): Fault {
  const kind = contentType?.split(";")[0]?.trim().toLowerCase();
  const other = kind !== undefined && kind !== "" && kind !== "text/event-stream";
  const what = other ? `${kind} in place of an event stream` : "an answer without any event";
  return { code: "invalid_response", message: `${who} sent ${what}; check ${setting}.`, retryable: !other };
}

/** Of an error that was thrown on the way: a broken connection, silence, or an answer that could not be read. */
export function faultOfError(error: unknown, who: string): Fault {
  const root = rootCause(error);
  if (root instanceof Silence) return { code: "timeout", message: `${who}: ${root.message}`, retryable: true };
  if (root instanceof SyntaxError || root instanceof BadAnswer) {
    return {
      code: "invalid_response",
      message: sentence(`${who} sent an answer that cannot be read: ${shortened(root.message)}`),
      retryable: true,
    };
  }
  const code = root instanceof Error && "code" in root ? ` (${String(root.code)})` : "";
  return {
    code: "unreachable",
    message: `${sentence(`${who} cannot be reached${code}: ${messageOf(root)}`)} Check the network and the base URL.`,
    retryable: true,
  };
}

function rootCause(error: unknown): unknown {
  let root = error;
  for (let depth = 0; depth < 5 && root instanceof Error && root.cause !== undefined; depth++) root = root.cause;
  return root;
}

/** Seconds or a date in `retry-after`, or milliseconds in `retry-after-ms`. */
export function retryAfter(header: (name: string) => string | null | undefined): number | undefined {
  const ms = Number(header("retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const text = header("retry-after");
  if (text === null || text === undefined) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= 300 ? line : `${line.slice(0, 300)}…`;
}

/** What others say often lacks its full stop, and more is said after it. */
function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
