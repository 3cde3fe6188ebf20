// The policy that holds for a run, made of its files: the machine's, the user's, the workspace's. Rules add up (the guard's
// order decides between them); amounts are the least; a file of the workspace only tightens until a person accepted it.
// Pure; reading files is the registry's.

import type { Budget, Level, Permission } from "../protocol/agents.ts";
import { levels } from "../protocol/agents.ts";
import { compileRule, type Rule } from "./rules.ts";
import type { SandboxPolicy, SandboxWish } from "./sandboxPort.ts";
import type { ProjectWish } from "./workspacePort.ts";

export type PolicyDocument = {
  origin: "machine" | "user" | "workspace";
  file: string;
  /** SHA-256 of the file's bytes. */
  hash: string;
  /** The user wrote it or accepted exactly these bytes. */
  trusted: boolean;
  level?: Level;
  rules: Permission[];
  budgets: Partial<Budget>;
  sandbox: SandboxWish;
  workspace: ProjectWish;
};

export type PolicyProblem = { file: string; line: number; column: number; message: string };

export type Policy = {
  /** What holds where nobody names a level. */
  level?: Level;
  /** The most that may be used, whoever names it. */
  highest?: Level;
  rules: Rule[];
  budgets: Partial<Budget>;
  sandbox: SandboxWish;
  workspace: ProjectWish;
  files: Pick<PolicyDocument, "origin" | "file" | "hash" | "trusted">[];
  /** While a file cannot be read its rules are not known: then nothing is allowed but what level default allows. */
  problems: PolicyProblem[];
};

export const noPolicy: Policy = { rules: [], budgets: {}, sandbox: {}, workspace: {}, files: [], problems: [] };

/** `documents` in the order machine, user, workspace. */
export function combine(documents: PolicyDocument[], problems: PolicyProblem[]): Policy {
  const broken = problems.length > 0;
  const policy: Policy = {
    ...noPolicy,
    problems,
    files: documents.map(({ origin, file, hash, trusted }) => ({ origin, file, hash, trusted })),
  };
  if (broken) policy.highest = "default";
  const machine = documents.find(({ origin }) => origin === "machine")?.sandbox ?? {};
  for (const document of documents) {
    const rules = document.rules.filter(({ effect }) => effect !== "allow" || (document.trusted && !broken));
    policy.rules = [...policy.rules, ...rules.map((rule) => compileRule({ ...rule, from: document.file }))];
    policy.budgets = leastBudget(policy.budgets, document.budgets);
    const overlay = document.trusted ? overlaid(policy.sandbox, document) : tightened(policy.sandbox, document.sandbox);
    policy.sandbox = document.origin === "machine" ? overlay : within(machine, overlay);
    // What is run, and what agents get to see, is nothing that a project says by itself.
    if (document.trusted) policy.workspace = withWish(policy.workspace, document.workspace);
    const { level, origin, trusted } = document;
    if (level === undefined) continue;
    if (origin === "machine") policy.highest = lower(level, policy.highest ?? level);
    else policy.level = trusted ? level : lower(level, policy.level ?? "default");
  }
  return policy;
}

/** The later file says which checks there are and which count; what folders get adds up. */
function withWish(earlier: ProjectWish, wish: ProjectWish): ProjectWish {
  const both = (a: string[] = [], b: string[] = []): string[] => [...new Set([...a, ...b])];
  return {
    ...earlier,
    ...wish,
    checks: { ...earlier.checks, ...wish.checks },
    copy: both(earlier.copy, wish.copy),
    link: both(earlier.link, wish.link),
  };
}

/** The level that holds: as asked for, else the policy's, and never above what it lets be used. */
export function levelUnder(policy: Policy, asked: Level | undefined): Level {
  const wanted = asked ?? policy.level ?? "default";
  return policy.highest === undefined ? wanted : lower(wanted, policy.highest);
}

function lower(a: Level, b: Level): Level {
  return levels.indexOf(a) <= levels.indexOf(b) ? a : b;
}

export function leastBudget<T extends Partial<Budget>>(budget: T, most: Partial<Budget>): T {
  const least: Partial<Budget> = { ...budget };
  for (const [key, amount] of Object.entries(most) as [keyof Budget, number][]) least[key] = Math.min(amount, least[key] ?? amount);
  return least as T;
}

const strictness: SandboxPolicy["mode"][] = ["off", "auto", "process", "container"];

/** What the machine's file settled is not loosened by another. */
function within(machine: SandboxWish, wish: SandboxWish): SandboxWish {
  const { mode = "auto" } = wish;
  const isLooser = machine.mode !== undefined && strictness.indexOf(mode) < strictness.indexOf(machine.mode);
  return {
    ...wish,
    ...(isLooser ? { mode: machine.mode! } : {}),
    ...(machine.network ? { network: (wish.network ?? []).filter((host) => machine.network!.includes(host)) } : {}),
    ...(machine.container ? { container: machine.container } : {}),
  };
}

/** The later file says. */
function overlaid(earlier: SandboxWish, { sandbox }: PolicyDocument): SandboxWish {
  return { ...earlier, ...sandbox, ...leastAmounts(earlier, sandbox) };
}

function tightened(earlier: SandboxWish, wish: SandboxWish): SandboxWish {
  const { mode: before = "auto", network = [] } = earlier;
  const mode = wish.mode !== undefined && strictness.indexOf(wish.mode) > strictness.indexOf(before) ? wish.mode : before;
  const hosts = wish.network === undefined ? network : network.filter((host) => wish.network!.includes(host));
  return { ...earlier, mode, network: hosts, ...leastAmounts(earlier, wish) };
}

function leastAmounts(a: SandboxWish, b: SandboxWish): SandboxWish {
  const least: SandboxWish = {};
  for (const key of ["cpu", "memoryMb", "pids"] as const) {
    const amounts = [a[key], b[key]].filter((amount) => amount !== undefined);
    if (amounts.length > 0) least[key] = Math.min(...amounts);
  }
  return least;
}
