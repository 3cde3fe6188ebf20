// One policy file: its grammar, and every fault with line and column. A faulty file is refused as a whole; what holds
// then is core's (policy.ts). Owns no place on disk and no order among files: that is policies.ts.

import { z } from "zod";
import type { PolicyDocument } from "../core/policy.ts";
import { checkKinds, levels, type Permission } from "../protocol/agents.ts";
import { check, type Fault, readYaml } from "./yamlText.ts";

const longestFile = 256 * 1024;
const word = z.string().min(1).max(1000);
const words = z.union([word, z.array(word).min(1).max(500)], "a text is needed, or a list of texts");

const joins = /(?:^|\s)(?:\|\|?|&&?|>>?|<)(?:\s|$)/;
const commands = words.refine(
  (given) => [given].flat().every((one) => !joins.test(one.replaceAll(/"[^"]*"|'[^']*'/g, "x"))),
  "a pattern is one simple command: each command of a line is matched by itself",
);
const hosts = words.refine(
  (given) => [given].flat().every((one) => one.startsWith("[") || !/[/:\s]/.test(one)),
  "the host alone is needed, for instance example.org or *.example.org",
);

const ruleBody = z.strictObject({
  id: word.optional().describe("A name for decisions, and for `--yes-to`."),
  tool: word.describe("A server (`shell`), or a glob over `server__tool` (`github__create_*`)."),
  path: words.optional().describe("Globs over paths: `**/.env*`, `src/**`, `~/.ssh/**`."),
  command: commands
    .optional()
    .describe("Patterns over the words of each simple command: `npm test` exactly, `git status *` with any further arguments."),
  host: hosts.optional().describe("Hosts: `example.org` alone, `*.example.org` all below it."),
  reason: z.string().max(1000).optional().describe("What a person is told."),
});

const effects = ["deny", "ask", "allow"] as const;
const rule = z
  .strictObject({ deny: ruleBody.optional(), ask: ruleBody.optional(), allow: ruleBody.optional() })
  .refine((one) => effects.filter((effect) => one[effect]).length === 1, "one of deny, ask, allow is needed");

const positive = z.number().positive();
const budgets = z.strictObject({
  usd: positive.optional(),
  tokens: positive.int().optional(),
  minutes: positive.optional(),
  turns: positive.int().optional(),
  depth: positive.int().optional(),
  parallel: positive.int().optional(),
});

const amount = /^\d+(\.\d+)?\s*([KMG]i?B?|B)?$/i;
const memory = z.union([z.number(), z.string()]).refine((given) => amount.test(String(given)), "an amount is needed, for instance 2GiB");

const sandbox = z.strictObject({
  mode: z.enum(["auto", "process", "container", "off"]).optional().describe("Where commands run."),
  network: z
    .strictObject({ allow: z.array(word).max(500).default([]) })
    .optional()
    .describe("The hosts that commands may reach."),
  cpu: positive.optional(),
  memory: memory.optional(),
  pids: positive.int().optional(),
  container: z
    .strictObject({ image: word, engine: z.enum(["docker", "podman"]).optional(), runtime: word.optional() })
    .optional()
    .describe("The image that commands run in, for the mode container; the engine and its runtime, where not the usual ones."),
});

const command = z.string().trim().min(1).max(1000);
const insideOnly = word.refine(
  (path) => !/^(?:[/~\\]|[A-Za-z]:|[./\\]+$)|(?:^|[/\\])(?:\.\.|\.git)(?:[/\\]|$)/i.test(path),
  "a path within the project is needed",
);

const workspace = z.strictObject({
  checks: z
    .strictObject({ test: command.optional(), build: command.optional(), lint: command.optional() })
    .optional()
    .describe("The commands that prove a result, instead of those that the project's files declare."),
  required: z.array(z.enum(checkKinds)).max(3).optional().describe("Those that have to pass on a result; [] for none."),
  copy: z.array(insideOnly).max(100).optional().describe("Ignored files and folders of which each agent's folder gets a copy."),
  link: z.array(insideOnly).max(100).optional().describe("Ignored folders that each agent's folder gets a link to."),
});

const oneCase = z
  .strictObject({
    name: z.string().optional(),
    tool: z.string().min(1).default("shell__run"),
    input: z.unknown().optional(),
    command: z.string().optional(),
    path: z.string().optional(),
    level: z.enum(levels).optional(),
    expect: z.enum(effects),
    rule: z.string().optional(),
  })
  .refine((one) => one.input !== undefined || one.command !== undefined || one.path !== undefined, "input, command or path is needed");

/** All that may stand anywhere below the first keys: for "Did you mean …?". */
export const policyInnerKeys = [...effects, ...[ruleBody, budgets, sandbox, workspace, oneCase].flatMap(({ shape }) => Object.keys(shape))];

/** Unit tests of rules (policyTest.ts). */
export const policyCases = z.array(oneCase).min(1);
export const policyFile = z.strictObject({
  version: z.literal(1).default(1).describe("The grammar's version."),
  level: z.enum(levels).optional().describe("What holds where no rule does."),
  rules: z.array(rule).max(2000).default([]).describe("Floor before deny, deny before ask, ask before allow, allow before the level."),
  budgets: budgets.optional().describe("What a run may use at most."),
  sandbox: sandbox.optional().describe("What commands can reach."),
  workspace: workspace.optional().describe("What proves a result, and what agents' folders hold."),
  tests: policyCases.optional().describe("Calls with the decision that is expected: ao policy test FILE."),
});

export type ReadPolicy =
  | { ok: true; policy: Omit<PolicyDocument, "file" | "origin" | "hash" | "trusted"> }
  | { ok: false; faults: Fault[] };

/** `home` is what `~` stands for. */
export function readPolicy(text: string, home: string): ReadPolicy {
  if (text.length > longestFile) return { ok: false, faults: [{ line: 1, column: 1, message: "The file is too long for a policy." }] };
  const read = readYaml(text, 1);
  if (!read.ok) return read;
  const checked = check(policyFile, { ...read.yaml, data: read.yaml.data ?? {} }, Object.keys(policyFile.shape), policyInnerKeys);
  if (!checked.ok) return checked;
  const { level, rules, budgets: amounts = {}, sandbox: box = {}, workspace: project = {} } = checked.value;
  const { checks, ...wishes } = project;
  const { memory: amount, network, ...rest } = box;
  return {
    ok: true,
    policy: {
      ...(level ? { level } : {}),
      rules: rules.map((one) => permissionOf(one, home)),
      budgets: withoutAbsent(amounts),
      sandbox: {
        ...withoutAbsent(rest),
        ...(network ? { network: network.allow } : {}),
        ...(amount === undefined ? {} : { memoryMb: megabytes(amount) }),
      },
      workspace: { ...withoutAbsent(wishes), ...(checks ? { checks: withoutAbsent(checks) } : {}) },
    },
  };
}

function permissionOf(given: z.infer<typeof rule>, home: string): Permission {
  const effect = effects.find((one) => given[one])!;
  const { id, tool, path, command, host, reason } = given[effect]!;
  const listOf = (value: string | string[]): string[] => (typeof value === "string" ? [value] : value);
  return {
    effect,
    tool,
    ...(id === undefined ? {} : { id }),
    ...(path === undefined ? {} : { path: listOf(path).map((one) => one.replace(/^~(?=\/|$)/, home)) }),
    ...(command === undefined ? {} : { command: listOf(command) }),
    ...(host === undefined ? {} : { host: listOf(host) }),
    ...(reason === undefined ? {} : { reason }),
  };
}

const units: Record<string, number> = { "": 1 / 1024 / 1024, K: 1 / 1024, M: 1, G: 1024 };

function megabytes(amount: number | string): number {
  const [, figure = "", unit = ""] = /^([\d.]+)\s*([KMG]?)/i.exec(String(amount)) ?? [];
  return Math.max(1, Math.round(Number(figure) * units[unit.toUpperCase()]!));
}

function withoutAbsent<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
