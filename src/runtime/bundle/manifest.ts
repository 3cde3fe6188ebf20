// What an `.aosession` file says of itself, and what an event in it has to look like.

import { z } from "zod";
import { levels } from "../../protocol/agents.ts";
import { eventId, type TraceEvent } from "../../protocol/events.ts";
import { UnsoundFile } from "./container.ts";
import { faultIn } from "./payloads.ts";

const hash = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const id = (prefix: string): z.ZodString => z.string().regex(new RegExp(`^${prefix}_[A-Za-z0-9_]{0,80}$`));
const path = z
  .string()
  .min(1)
  .max(4096)
  .refine((text) => !text.includes("\0"));

const document = z.object({
  id: z.string().min(1).max(200),
  filename: z.string().max(1000),
  contentType: z.string().max(200),
  size: z.number(),
  hash,
  tags: z.array(z.string()),
  metadata: z.record(z.string(), z.unknown()),
  createdAt: z.string(),
  updatedAt: z.string(),
});

export const manifestSchema = z.object({
  format: z.literal(1),
  sessionId: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/),
  name: z.string().max(10_000),
  workspace: path,
  /** How many events it has. */
  seq: z.number().int().min(1),
  /** Of the events as `ao trace --format jsonl` prints them. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  artifacts: z.array(z.object({ hash, bytes: z.number().int().min(0) })),
  documents: z.array(document),
  commits: z.array(z.string().regex(/^[0-9a-f]{40}$/)),
  bytes: z.object({ events: z.number().int().min(0), snapshots: z.number().int().min(0) }),
});

export type Manifest = z.infer<typeof manifestSchema>;

const envelope = z.strictObject({
  id: z.string(),
  runId: id("r"),
  sessionId: z.string(),
  taskId: id("t").optional(),
  actor: z.string().min(1).max(200),
  type: z.string().min(1).max(100),
  payload: z.unknown(),
  timestamp: z.iso.datetime(),
  seq: z.number().int(),
  cause: z.string().optional(),
  // Of the run where it was recorded: to make it again, not to go on here.
  digest: z.string().optional(),
  tape: z.unknown().optional(),
});

const created = z.looseObject({
  name: z.string(),
  goal: z.string(),
  workspace: path,
  config: z.looseObject({
    model: z.string(),
    models: z.array(z.string()),
    workflow: z.string(),
    agent: z.string(),
    level: z.enum(levels),
    budget: z.looseObject({
      usd: z.number(),
      tokens: z.number(),
      turns: z.number(),
      minutes: z.number(),
      depth: z.number(),
      parallel: z.number(),
    }),
    apply: z.boolean(),
    yesTo: z.array(z.string()),
    ask: z.boolean(),
    modelOverrides: z.boolean(),
  }),
});

/** Throws an UnsoundFile that names the event. */
export function eventIn(line: string, seq: number, { sessionId }: Pick<Manifest, "sessionId">): TraceEvent {
  const event = parsed(line);
  if (!event) throw new UnsoundFile(`its event ${seq} is damaged`);
  if (event.seq !== seq) throw new UnsoundFile(`its event ${seq} has the number ${event.seq}`);
  if (event.sessionId !== sessionId || event.id !== eventId(sessionId, seq))
    throw new UnsoundFile(`its event ${seq} is of another session`);
  const isFirst = event.type === "session.created";
  if (isFirst !== (seq === 1)) throw new UnsoundFile(`its event ${seq} is ${event.type}`);
  if (isFirst && !created.safeParse(event.payload).success) throw new UnsoundFile("its first event is damaged");
  const fault = faultIn(event);
  if (fault !== undefined) throw new UnsoundFile(`its event ${seq} (${event.type}) has no proper ${fault}`);
  return event;
}

function parsed(line: string): TraceEvent | undefined {
  try {
    const read = envelope.safeParse(JSON.parse(line));
    const isObject = read.success && typeof read.data.payload === "object" && read.data.payload !== null;
    if (!isObject) return undefined;
    const { digest: _digest, tape: _tape, ...event } = read.data;
    return event as TraceEvent;
  } catch {
    return undefined;
  }
}
