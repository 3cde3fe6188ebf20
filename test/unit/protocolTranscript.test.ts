// What an agent has seen and said, folded from its task's events.

import assert from "node:assert/strict";
import type { EventPayloads, EventType, TraceEvent } from "../../src/protocol/events.ts";
import { noUsage } from "../../src/protocol/state.ts";
import { addToTranscript, emptyTranscript, lastAssistant, openCalls, textOf, type Transcript } from "../../src/protocol/transcript.ts";

let seq = 0;
function event<T extends EventType>(type: T, payload: EventPayloads[T]): TraceEvent {
  seq += 1;
  return { id: `s#${seq}`, runId: "r_1", sessionId: "s", taskId: "t_1", actor: "a", timestamp: "", seq, type, payload };
}

function fold(...events: TraceEvent[]): Transcript {
  const transcript = emptyTranscript();
  for (const one of events) addToTranscript(transcript, one);
  return transcript;
}

const said = (text: string, turnId: "u_1" | "u_2"): TraceEvent =>
  event("message", { role: "assistant", content: [{ type: "text", text }], turnId });
const told = (text: string): TraceEvent => event("message", { role: "user", content: [{ type: "text", text }] });
const started = (callId: `c_${string}`, turnId?: "u_1" | "u_2"): TraceEvent =>
  event("call.started", { callId, tool: "x__y", arguments: { a: 1 }, ...(turnId ? { turnId } : {}) });
const requested = (callId: `c_${string}`, turnId: "u_1" | "u_2"): TraceEvent =>
  event("call.requested", { callId, turnId, tool: "x__y", arguments: {} });
const ended = (callId: `c_${string}`): TraceEvent =>
  event("call.ended", { callId, tool: "x__y", result: { ok: true, content: "fine" }, durationMs: 1 });
const turnStarted = event("turn.started", { turnId: "u_1", model: "m", attempt: 1, contextHash: "sha256:0" });
const turnEnded = (stop: "end" | "length"): TraceEvent =>
  event("turn.ended", { turnId: "u_1", model: "m", stop, usage: noUsage, costUsd: 0, durationMs: 1 });

describe("transcript", () => {
  it("joins what was said and called in a turn, and results with their calls", () => {
    const transcript = fold(said("I look.", "u_1"), started("c_1", "u_1"), requested("c_2", "u_1"), ended("c_1"), told("go on"));
    assert.equal(transcript.entries.length, 2);
    const [entry] = transcript.entries;
    assert.ok(entry?.role === "assistant");
    assert.equal(textOf(entry.content), "I look.");
    assert.deepEqual(
      entry.calls.map(({ callId, started: begun, result }) => [callId, begun, result?.ok]),
      [
        ["c_1", true, true],
        ["c_2", false, undefined],
      ],
    );
    assert.deepEqual(
      openCalls(transcript).map((call) => call.callId),
      ["c_2"],
    );
  });

  it("notes when a call that waited begins, without a second entry", () => {
    const transcript = fold(requested("c_1", "u_1"), started("c_1", "u_1"));
    assert.deepEqual(
      openCalls(transcript).map(({ callId, started: begun }) => [callId, begun]),
      [["c_1", true]],
    );
    assert.equal(transcript.entries.length, 1);
  });

  it("leaves calls made by code out of the conversation", () => {
    assert.deepEqual(fold(started("c_1"), ended("c_1")).entries, []);
  });

  it("knows a turn that began and did not end, and how the last one did", () => {
    assert.equal(fold(turnStarted).openTurn?.turnId, "u_1");
    const after = fold(turnStarted, turnEnded("length"));
    assert.equal(after.openTurn, undefined);
    assert.equal(after.stop, "length");
    assert.equal(after.turns, 1);
  });

  it("opens a new entry for each turn, also where the model only calls", () => {
    const transcript = fold(started("c_1", "u_1"), ended("c_1"), started("c_2", "u_2"));
    assert.equal(transcript.entries.length, 2);
    assert.equal(lastAssistant(transcript)?.turnId, "u_2");
  });

  it("passes over what it does not know", () => {
    assert.deepEqual(fold({ ...told("x"), type: "other.kind" }), emptyTranscript());
  });
});
