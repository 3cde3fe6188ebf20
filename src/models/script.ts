// The form of a script, the data that the scripted model plays. A script holds scenes per agent; the first scene whose
// goal matches is played, one turn per model call. Templates (`{{name}}`) and conditions refer to the real results of
// the tools, so that a script can react. agents/demo/README.md describes the form for whoever writes one.

import { parse } from "yaml";
import { z } from "zod";

const regex = (flags: string): z.ZodPipe<z.ZodString, z.ZodTransform<RegExp, string>> =>
  z.string().transform((source, context) => {
    try {
      return new RegExp(source, flags);
    } catch (error) {
      context.addIssue({ code: "custom", message: `not a regular expression: ${String(error)}` });
      return z.NEVER;
    }
  });

/** What people write is matched in any case, what stands in files exactly. */
const wording = regex("im");
const pattern = regex("m");

/** All that are given must hold: `goal` is what the agent was asked, `results` and `without` look at the newest tool results. */
const condition = z.strictObject({ goal: wording.optional(), results: pattern.optional(), without: pattern.optional() });

const call = z.strictObject({ tool: z.string(), arguments: z.unknown().optional(), invalid: z.string().optional() });

const fault = z.strictObject({ code: z.string(), times: z.int().positive().default(1), retryAfterMs: z.number().optional() });

const source = z.union([
  pattern.transform((regex) => ({ from: "results" as const, regex, optional: false })),
  z.strictObject({ from: z.enum(["results", "goal"]).default("results"), regex: pattern, optional: z.boolean().default(false) }),
]);

const plainTurn = z.strictObject({
  /** When this alternative is taken. */
  if: condition.optional(),
  /** Names for parts of the results (or the goal), kept for this and later turns: group 1, else the whole match. */
  capture: z.record(z.string(), source).optional(),
  /** Must be found in the results, else the agent reports a failure that says so. */
  expect: pattern.optional(),
  /** A failed tool before this turn is part of the scene. Otherwise it ends in an honest failure. */
  tolerate: z.boolean().optional(),
  say: z.string().optional(),
  calls: z.array(call).optional(),
  stop: z.enum(["end", "calls", "length", "refusal"]).optional(),
  fault: fault.optional(),
  delayMs: z.number().optional(),
});

/** Of `either`, the first alternative that fits is taken; what stands beside it holds for all of them. */
const turn = plainTurn.omit({ if: true }).extend({ either: z.array(plainTurn).min(1).optional() });

const scene = z.strictObject({
  when: z.strictObject({ goal: wording.optional() }).optional(),
  turns: z.array(turn).min(1),
});

const script = z.strictObject({
  /** Lookup tables, usable as filters: `{{word | spelling}}`. */
  tables: z.record(z.string(), z.record(z.string(), z.string())).default({}),
  /** The goals that the scenes are made for, by name: said where a scene is missing. */
  goals: z.record(z.string(), z.string()).default({}),
  agents: z.record(z.string(), z.array(scene)),
});

export type Script = z.output<typeof script>;
export type Scene = z.output<typeof scene>;
export type Turn = z.output<typeof turn>;
export type Condition = z.output<typeof condition>;
export type ScriptFault = z.output<typeof fault>;

/** A script as its author wrote it: YAML text, or the same as data. */
export type ScriptSource = string | z.input<typeof script>;

/** Throws an error that names the place: a broken script is a mistake of its author. */
export function readScript(source: ScriptSource): Script {
  const read = script.safeParse(typeof source === "string" ? parse(source) : source);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new Error(`The script is not valid at ${issue?.path.join(".") ?? "its top"}: ${issue?.message ?? "unknown fault"}`);
}
