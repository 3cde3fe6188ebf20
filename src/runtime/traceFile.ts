// A session's record as it travels: one event a line, with what was learned before it and its digest; or the file that
// `ao export` writes, which holds the same lines and all that they name.

import { readFileSync } from "node:fs";
import type { StorePort } from "../core/ports.ts";
import type { TraceEvent } from "../protocol/events.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import { packed, type TapePart, unpacked } from "../protocol/tape.ts";

/** `artifacts`: those that came with it; others are looked for in the record here. */
export type Trace = { events: TraceEvent[]; parts: TapePart[]; digests: string[]; artifacts?: Map<string, Uint8Array> };

export async function traceOf(store: StorePort, sessionId: string): Promise<Trace> {
  const [events, { parts, digests }] = await Promise.all([store.read(sessionId), store.readTape(sessionId)]);
  return { events, parts, digests };
}

/** One event a line, as `ao trace --format jsonl` prints them. */
export function traceLines({ events, parts, digests }: Trace): string[] {
  const bySeq = new Map(parts.map((part) => [part.seq, part]));
  return events.map((event) => {
    const tape = bySeq.get(event.seq);
    const digest = digests[event.seq - 1] ?? "";
    return JSON.stringify({ ...event, ...(digest === "" ? {} : { digest }), ...(tape ? { tape: packed(tape) } : {}) });
  });
}

/** A file of lines, or one that `ao export` wrote. */
export async function readTrace(file: string): Promise<Result<Trace>> {
  return file.endsWith(".aosession") ? readExported(file) : readLines(readFileSync(file, "utf8"), file);
}

async function readExported(file: string): Promise<Result<Trace>> {
  const { readContainer, UnsoundFile } = await import("./bundle/container.ts");
  const reader = readContainer(file);
  const artifacts = new Map<string, Uint8Array>();
  let events = "";
  try {
    for (let entry = await reader.next(); entry; entry = await reader.next()) {
      const content = await reader.content(entry);
      if (entry.kind === "events") events = content.toString("utf8");
      if (entry.kind === "artifact") artifacts.set(`sha256:${entry.sha256}`, content);
    }
  } catch (error) {
    if (error instanceof UnsoundFile) return fail("invalid", `${file} cannot be read: ${error.message}.`);
    throw error;
  } finally {
    reader.close();
  }
  const read = readLines(events, file);
  return read.ok ? ok({ ...read.value, artifacts }) : read;
}

function readLines(text: string, file: string): Result<Trace> {
  const trace: Trace = { events: [], parts: [], digests: [] };
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    try {
      const { digest = "", tape, ...event } = JSON.parse(line) as TraceEvent & { digest?: string; tape?: unknown };
      if (event.seq !== trace.events.length + 1 || typeof event.type !== "string" || typeof event.sessionId !== "string")
        return fail("invalid", `Line ${i + 1} of ${file} is not event ${trace.events.length + 1} of a session.`);
      trace.events.push(event);
      trace.digests.push(digest);
      if (tape !== undefined) trace.parts.push(unpacked(tape));
    } catch {
      return fail("invalid", `Line ${i + 1} of ${file} is no JSON; a trace is what this prints: ao trace SESSION --format jsonl`);
    }
  }
  return trace.events.length > 0 ? ok(trace) : fail("invalid", `${file} holds no event.`);
}
