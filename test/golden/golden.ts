// Compares a session's story with the one on file; AO_UPDATE_GOLDEN=1 writes the file anew. Holds every recorded run to
// the same rule on the way: its log, replayed, is the state that was live (A2).

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { canonicalJson } from "../../src/protocol/hash.ts";
import { reduceAll } from "../../src/protocol/reduce.ts";
import type { AskedCall, ModelRequest } from "../../src/core/ports.ts";
import { noUsage } from "../../src/protocol/state.ts";
import type { Model, Reply, World } from "../support/world.ts";
import { transcript } from "./transcript.ts";

export async function matches(name: string, world: World, sessionId: string): Promise<void> {
  const events = await world.store.read(sessionId, {});
  assert.equal(canonicalJson(reduceAll(events)), canonicalJson(await world.engine.state(sessionId)), "replay differs from live");
  const files = Object.keys(world.workspace.user).toSorted();
  const text = `${transcript(events)}\n\nthe user's files: ${files.join(", ")}\n`;
  const file = new URL(`transcripts/${name}.txt`, import.meta.url);
  if (process.env["AO_UPDATE_GOLDEN"] === "1") await writeFile(file, text);
  assert.equal(text, await readFile(file, "utf8").catch(() => `no transcript ${name}.txt; write it with AO_UPDATE_GOLDEN=1`));
}

type Part = (request: ModelRequest, ask: number) => Reply | Promise<Reply>;

/** Each agent's replies, one per request; the last one stands for all further ones. A function answers as it likes. */
export function cast(parts: Record<string, Reply[] | Part>): Model {
  const asked = new Map<string, number>();
  return (request) => {
    const part = parts[request.agent];
    if (!part) throw new Error(`nobody plays ${request.agent}`);
    if (typeof part === "function") return part(request, next(asked, request.agent));
    const place = `${request.agent} ${briefIn(request)}`;
    return part[Math.min(next(asked, place), part.length - 1)]!;
  };
}

function next(counts: Map<string, number>, key: string): number {
  const count = counts.get(key) ?? 0;
  counts.set(key, count + 1);
  return count;
}

export function briefIn(request: ModelRequest): string {
  const [first] = request.messages;
  return first?.role === "user" ? first.content.map((block) => (block.type === "text" ? block.text : "")).join("") : "";
}

export const call = (tool: string, args: unknown): AskedCall => ({ tool, arguments: args });
export const write = (path: string, content: string): AskedCall => call("filesystem__write_file", { path, content });
export const read = (path: string): AskedCall => call("filesystem__read_file", { path });
export const hand = (result: object): Reply => ({ calls: [call("agents__submit_result", { status: "done", ...result })] });
export const planOf = (...steps: object[]): Reply => ({ calls: [call("agents__submit_plan", { steps })] });

export const fault = (code: "overloaded" | "spend_limit", retryable: boolean): Reply => ({
  kind: "failed",
  code,
  message: `the model says ${code}`,
  retryable,
  usage: noUsage,
  costUsd: 0,
});

const reviewed = [hand({ summary: "looked", score: 0.9 })];
export const goodReviewers = { "security-review": reviewed, "performance-review": reviewed, "style-review": reviewed };
