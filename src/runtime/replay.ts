// A recorded session made again: from the record of this machine, or from a trace that somebody keeps beside a project.
// Opens neither tools nor models nor the workspace's folder; what is asked of them is on the tape.

import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Decision } from "../core/guard.ts";
import { combine, type Policy } from "../core/policy.ts";
import type { RegistryPort, StorePort } from "../core/ports.ts";
import { replay, type Recording, type Replayed } from "../core/replay.ts";
import { restored } from "../core/taped.ts";
import { isKnown, type TraceEvent } from "../protocol/events.ts";
import type { ContentHash } from "../protocol/ids.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import { readPolicy } from "../registry/policyFile.ts";
import { loadRegistry } from "../registry/registry.ts";
import { firstChanged } from "../store/digests.ts";
import type { Trace } from "./traceFile.ts";
import { withExternalTools } from "./externalAgents.ts";
import { bundledAgentsDir, dataDirOf } from "./places.ts";

/** A decision that would be another one. */
export type Flip = { seq: number; tool: string; arguments: unknown; was: Decision; now: Decision };

export type ReplayReport = Replayed & {
  sessionId: string;
  events: number;
  /** The runs of versions that kept no tape cannot be made again. */ taped: boolean;
  flips: Flip[];
};

type Wish = {
  env: Record<string, string | undefined>;
  store: StorePort;
  /** Held against the decisions of the guard. */
  policy?: Policy;
  /** The project whose agents count. */
  workspace?: string;
};

export async function replayTrace(trace: Trace, { env, store, policy, workspace }: Wish): Promise<ReplayReport> {
  const { events, parts, digests } = trace;
  const sessionId = events[0]?.sessionId ?? "";
  const about = { sessionId, events: events.length, taped: parts.length > 0, flips: [] };
  const changed = firstChanged(events, parts, digests);
  if (changed) {
    const { type } = events[changed.seq - 1]!;
    const divergence = {
      seq: changed.seq,
      type,
      expected: `digest ${digests[changed.seq - 1] || "(missing)"}`,
      actual: `digest ${changed.digest}: the record was changed`,
    };
    return { ...about, lives: 0, divergence };
  }
  const artifact: Recording["artifact"] = async (hash) => trace.artifacts?.get(hash) ?? store.getArtifact(hash as ContentHash);
  const recording: Recording = { events, parts, artifact };
  const flips: Flip[] = [];
  const seqs = policy ? seqsOfCalls(events) : new Map<string, number>();
  const replayed = await replay(recording, {
    registry: await registryFor(recording, env, workspace),
    soon: (work) => void setImmediate(work),
    ...(policy
      ? {
          reconsider: ({ callId, tool, arguments: args }, was, under) => {
            const now = under(policy);
            const seq = seqs.get(callId);
            if (now.decision !== was.decision && seq !== undefined) flips.push({ seq, tool, arguments: args, was, now });
          },
        }
      : {}),
  });
  return { ...about, ...replayed, flips: flips.filter((flip, i) => flips.findIndex(({ seq }) => seq === flip.seq) === i) };
}

function seqsOfCalls(events: TraceEvent[]): Map<string, number> {
  const seqs = new Map<string, number>();
  for (const event of events.filter(isKnown))
    if ((event.type === "call.requested" || event.type === "call.started") && !seqs.has(event.payload.callId))
      seqs.set(event.payload.callId, event.seq);
  return seqs;
}

/** The agents and workflows as they are now. */
async function registryFor(
  recording: Recording,
  env: Record<string, string | undefined>,
  named: string | undefined,
): Promise<RegistryPort> {
  const [created] = recording.events;
  const { workspace = named } = {
    ...((created?.payload ?? {}) as { workspace?: string }),
    ...(named === undefined ? {} : { workspace: named }),
  };
  const registry = await loadRegistry({
    bundledDir: bundledAgentsDir(),
    userDir: join(dataDirOf(env), "agents"),
    ...(workspace === undefined ? {} : { workspaceDir: workspace }),
  });
  return withExternalTools(registry, await externalServers(recording));
}

const own = new Set(["filesystem", "shell", "git", "ide", "context", "agents", "web", "lmstudio"]);

/** Whose tools there were, besides our own. */
async function externalServers({ parts, artifact }: Recording): Promise<{ name: string }[]> {
  const names = new Set<string>();
  for (const entry of parts.flatMap((part) => part.entries)) {
    if (!("of" in entry) || entry.of !== "tools.list") continue;
    for (const { name } of (await restored(entry.value, artifact)) as { name: string }[]) {
      const server = name.split("__")[0]!;
      if (!own.has(server)) names.add(server);
    }
  }
  return [...names].map((name) => ({ name }));
}

/** A policy file as if the user had written it, and no other held. */
export async function policyIn(file: string): Promise<Result<Policy>> {
  const read = readPolicy(await readFile(file, "utf8"), homedir());
  if (!read.ok) {
    const [{ line, column = 1, message }] = read.faults as [{ line: number; column?: number; message: string }];
    return fail("invalid", `${file}:${line}:${column}: ${message}`);
  }
  return ok(combine([{ ...read.policy, origin: "user", file, hash: "", trusted: true }], []));
}
