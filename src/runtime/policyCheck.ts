// What the guard would say of a call, without running anything: for `ao policy check` and `ao policy test`. Loads neither
// the record nor the tools' protocol, so that a decision costs little more than a program's start.

import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { type Decision, decide } from "../core/guard.ts";
import { combine, levelUnder, type Policy } from "../core/policy.ts";
import type { ToolAccess } from "../core/ports.ts";
import { pathsOf } from "../core/rules.ts";
import type { Level } from "../protocol/agents.ts";
import { showHidden } from "../protocol/hidden.ts";
import { acceptPolicy, loadPolicy } from "../registry/policies.ts";
import type { PolicyCase } from "../registry/policyTest.ts";
import { accessTo } from "../tools/accessTo.ts";
import { judgeCall, judgeShellCall } from "../tools/judge.ts";
import { findChecks } from "../workspace/project.ts";
import { dataDirOf } from "./places.ts";
import { policyPlaces } from "./policy.ts";

export type { PolicyCase } from "../registry/policyTest.ts";
export type { Decision } from "../core/guard.ts";
export type { Policy } from "../core/policy.ts";

export type PolicyCheck = { policy: Policy; check(tool: string, input: unknown, level?: Level): Promise<Decision> };

type Wish = { workspace: string; level?: Level; acceptWorkspace?: boolean };

/** With the policy that holds in a workspace, seen as an agent's own folder. */
export async function openPolicyCheck(env: Record<string, string | undefined>, wish: Wish): Promise<PolicyCheck> {
  const places = { ...policyPlaces(env), ...(wish.acceptWorkspace ? { acceptWorkspace: true } : {}) };
  return checkWith(await loadPolicy(places, wish.workspace), wish, dataDirOf(env));
}

function checkWith(policy: Policy, { workspace, level }: Wish, kept?: string): PolicyCheck {
  const scope = { root: workspace, writable: true, ...(kept === undefined ? {} : { kept }) };
  const accesses = new Map<string, ToolAccess>();
  let checks: string[] | undefined;
  const accessOf = async (tool: string): Promise<ToolAccess> => {
    const known = accesses.get(tool) ?? (await accessTo(tool));
    accesses.set(tool, known);
    return known;
  };
  return {
    policy,
    check: async (tool, input, asked = level) => {
      const access = await accessOf(tool);
      if (access.effect === "execute") checks ??= findChecks(workspace, policy.workspace.checks).map(({ command }) => command);
      return decide({
        tool,
        access,
        reach: tool === "shell__run" ? await judgeShellCall(input, scope) : judgeCall(tool, input, scope),
        writable: true,
        level: levelUnder(policy, asked),
        yesTo: [],
        checks: checks ?? [],
        rules: policy.rules,
        paths: pathsOf(input),
        taint: [],
        named: [],
      });
    },
  };
}

/** The names of the tools that are ours; those of MCP servers are not known here. */
export async function ourTools(): Promise<string[]> {
  const { builtInServers } = await import("../tools/catalogue.ts");
  return builtInServers({}).flatMap(({ name, tools }) => tools.map((tool) => `${name}__${tool.name}`));
}

/** The ids of rules that ask: what they would ask for can be accepted beforehand. */
export async function askedRules(env: Record<string, string | undefined>, workspace: string): Promise<string[]> {
  const { rules } = await loadPolicy(policyPlaces(env), workspace);
  return rules.flatMap(({ effect, id }) => (effect === "ask" && id !== undefined ? [id] : []));
}

export type TestedCase = PolicyCase & { line: number; got: Decision; passed: boolean };

export type PolicyTest = { ok: true; policy: Policy; cases: TestedCase[] } | { ok: false; faults: string[] };

/** Runs the cases of a file: against the policy in it, the one that it names, or the one that holds in the workspace. */
export async function testPolicy(env: Record<string, string | undefined>, file: string, wish: Wish): Promise<PolicyTest> {
  const { readPolicyTest } = await import("../registry/policyTest.ts");
  const read = readPolicyTest(await readFile(file, "utf8"));
  if (!read.ok) return { ok: false, faults: read.faults.map(({ line, column = 1, message }) => `${file}:${line}:${column}: ${message}`) };
  const { own, policy: named, cases } = read.test;
  const from = own ? file : named === undefined ? undefined : resolve(file, "..", named);
  const checking = from === undefined ? await openPolicyCheck(env, wish) : checkWith(await policyIn(from), wish);
  const { policy } = checking;
  if (policy.problems.length > 0)
    return { ok: false, faults: policy.problems.map(({ file: bad, line, column, message }) => `${bad}:${line}:${column}: ${message}`) };
  const tested: TestedCase[] = [];
  for (const one of cases) {
    const got = await checking.check(one.tool, one.input, one.level);
    tested.push({ ...one, got, passed: one.expect === got.decision && (one.rule === undefined || one.rule === got.rule) });
  }
  return { ok: true, policy, cases: tested };
}

async function policyIn(file: string): Promise<Policy> {
  const { readPolicy } = await import("../registry/policyFile.ts");
  const read = readPolicy(await readFile(file, "utf8"), homedir());
  if (!read.ok)
    return combine(
      [],
      read.faults.map(({ line, column = 1, message }) => ({ file, line, column, message })),
    );
  return combine([{ ...read.policy, origin: "user", file, hash: "", trusted: true }], []);
}

export type Accepted = { ok: true; hash: string } | { ok: false; faults: string[] };

/** Only a file that can be read is accepted: exactly its bytes, or those that a person was shown. */
export async function acceptPolicyFile(env: Record<string, string | undefined>, file: string, shown?: string): Promise<Accepted> {
  const text = shown ?? (await readFile(file, "utf8"));
  const { readPolicy } = await import("../registry/policyFile.ts");
  const read = readPolicy(text, homedir());
  if (!read.ok) return { ok: false, faults: read.faults.map(({ line, column = 1, message }) => `${file}:${line}:${column}: ${message}`) };
  return { ok: true, hash: await acceptPolicy(dataDirOf(env), file, text) };
}

/** What a policy would loosen once it counts in full, a line each, with nothing hidden in it. */
export async function loosenings(text: string): Promise<string[]> {
  const { readPolicy } = await import("../registry/policyFile.ts");
  const read = readPolicy(text, homedir());
  if (!read.ok) return [];
  const { level, rules, sandbox, workspace } = read.policy;
  const allows = rules.filter(({ effect }) => effect === "allow");
  const lines = [
    ...(level && level !== "default" ? [`level: ${level}`] : []),
    ...allows.map(({ tool, path = [], command = [], host = [] }) => `allow: ${[tool, ...path, ...command, ...host].join("  ")}`),
    ...(sandbox.mode === "off" ? ["sandbox: off"] : []),
    ...(sandbox.network?.length ? [`network: ${sandbox.network.join(", ")}`] : []),
    ...Object.entries(workspace.checks ?? {}).map(([kind, command]) => `runs as the project's ${kind}: ${command}`),
    ...(workspace.required ? [`has to pass: ${workspace.required.join(", ") || "nothing"}`] : []),
    ...(workspace.copy?.length ? [`copied for agents: ${workspace.copy.join(", ")}`] : []),
    ...(workspace.link?.length ? [`open to agents: ${workspace.link.join(", ")}`] : []),
  ];
  return lines.map(showHidden);
}
