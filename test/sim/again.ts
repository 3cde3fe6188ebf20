// A machine's session made again from its record alone.

import { replay, type Recording, type Replayed } from "../../src/core/replay.ts";
import { registry, withAgents } from "../support/world.ts";
import type { Machine } from "./lives.ts";

export async function recordingOf({ store, sessionId }: Machine): Promise<Recording> {
  const [events, { parts }] = await Promise.all([store.read(sessionId), store.readTape(sessionId)]);
  return { events, parts, artifact: (hash) => store.getArtifact(hash as `sha256:${string}`) };
}

export async function replayed(machine: Machine, change: (recording: Recording) => void = () => undefined): Promise<Replayed> {
  const recording = await recordingOf(machine);
  change(recording);
  return replay(recording, { registry: withAgents(await registry, machine.story.agents ?? []), soon: (work) => void setImmediate(work) });
}
