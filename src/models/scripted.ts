// The scripted model: answers from a script instead of a network. It labels itself as scripted, streams like the others,
// and can be told to fail. Its usage figures are estimates by length, the same on every run. A recorded script (a list
// of outcomes per agent) would be another way to fill `Played`.

import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, ok } from "../protocol/result.ts";
import { textOf } from "../protocol/transcript.ts";
import type { ModelDelta, ModelFailureCode, ModelMessage, ModelOutcome, ModelRequest } from "../core/ports.ts";
import { failedWith } from "./fault.ts";
import type { Provider } from "./provider.ts";
import { play, type Played } from "./scene.ts";
import type { Script } from "./script.ts";
import { estimateTokens, noUsage } from "./usage.ts";

const notRetryable = new Set<string>(["spend_limit", "no_key", "denied", "bad_request", "too_long", "unknown_model"]);

export function scriptedProvider(name: string, load: () => Promise<Script>): Provider {
  let script: Promise<Script> | undefined;
  /** Faults already played, by place: the only thing that a conversation cannot tell. */
  const faults = new Map<string, number>();
  return {
    resolve: () => ok({ name, contextWindow: 200_000, maxOutput: 32_000, scripted: true, outputUsdPerMillion: 0 }),
    async stream(_, request, onDelta, signal) {
      let played: Played;
      try {
        played = play(await (script ??= load()), request);
      } catch (error) {
        return failedWith(
          { code: "bad_request", message: `The scripted model "${name}": ${messageOf(error)}`, retryable: false },
          noUsage(),
          0,
        );
      }
      const usage = { ...noUsage(), input: estimateTokens(lengthOf(request)) };
      if (!(await pause(played.delayMs ?? 0, signal))) return { kind: "cancelled", usage: noUsage(), costUsd: 0 };
      const fault = faultDue(played, faults);
      if (fault) return failedWith(fault, { ...usage, output: 0 }, 0);
      if (!(await speak(played, onDelta, signal))) return { kind: "cancelled", usage, costUsd: 0 };
      const content = played.text === "" ? [] : [{ type: "text" as const, text: played.text }];
      const written = played.text.length + JSON.stringify(played.calls).length;
      const { calls, stop } = played;
      return { kind: "answer", content, calls, stop, usage: { ...usage, output: estimateTokens(written) }, costUsd: 0, model: name };
    },
  };
}

type ScriptedFault = Omit<Extract<ModelOutcome, { kind: "failed" }>, "kind" | "usage" | "costUsd">;

function faultDue({ fault, place }: Played, faults: Map<string, number>): ScriptedFault | undefined {
  if (!fault) return undefined;
  const before = faults.get(place) ?? 0;
  if (before >= fault.times) return undefined;
  faults.set(place, before + 1);
  const later = fault.retryAfterMs === undefined ? {} : { retryAfterMs: fault.retryAfterMs };
  const code = fault.code as ModelFailureCode;
  return { code, message: `The script plays the fault "${code}".`, retryable: !notRetryable.has(code), ...later };
}

/** False when the signal came first. */
async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}

const pieces = 4;

async function speak(played: Played, onDelta: (delta: ModelDelta) => void, signal: AbortSignal): Promise<boolean> {
  const size = Math.max(1, Math.ceil(played.text.length / pieces));
  for (let from = 0; from < played.text.length; from += size) {
    if (signal.aborted) return false;
    onDelta({ kind: "text", text: played.text.slice(from, from + size) });
    await Promise.resolve();
  }
  for (const call of played.calls) onDelta({ kind: "call", tool: call.tool, bytes: JSON.stringify(call.arguments ?? {}).length });
  return !signal.aborted;
}

function lengthOf(request: ModelRequest): number {
  const tools = request.tools.reduce((sum, tool) => sum + tool.name.length + tool.description.length, 0);
  return request.messages.reduce((sum, message) => sum + messageLength(message), request.system.length + tools);
}

function messageLength(message: ModelMessage): number {
  if (message.role === "results") return message.results.reduce((sum, { result }) => sum + result.content.length, 0);
  const calls = message.role === "assistant" ? JSON.stringify(message.calls.map((call) => call.arguments)).length : 0;
  return textOf(message.content).length + calls;
}
