// Unit tests of rules: cases of calls with the decision that is expected, in a file of their own or under `tests` in the
// policy itself.

import { z } from "zod";
import type { Level } from "../protocol/agents.ts";
import { closest } from "./closest.ts";
import { policyCases, policyFile, policyInnerKeys } from "./policyFile.ts";
import { check, type Fault, readYaml } from "./yamlText.ts";

const testFile = z.strictObject({ version: z.literal(1).default(1), policy: z.string().min(1).optional(), cases: policyCases });
type Case = z.infer<typeof policyCases>[number];

export type PolicyCase = {
  name: string;
  tool: string;
  input: unknown;
  level?: Level;
  expect: Case["expect"];
  rule?: string;
  line: number;
};
/** `own`: the file is a policy itself. */
type PolicyTestFile = { own: boolean; policy?: string; cases: PolicyCase[] };

const noTests = "There are no tests in it: a policy has them under `tests`, a file of their own under `cases`.";

export function readPolicyTest(text: string): { ok: true; test: PolicyTestFile } | { ok: false; faults: Fault[] } {
  const read = readYaml(text, 1);
  if (!read.ok) return read;
  const { yaml } = read;
  const given = (yaml.data ?? {}) as Record<string, unknown>;
  if (!Array.isArray(given) && !Object.keys(given).some((key) => closest(key, ["cases", "tests"])))
    return { ok: false, faults: [{ line: 1, message: noTests }] };
  const own = !Array.isArray(given) && given["cases"] === undefined && given["tests"] !== undefined;
  const key = own ? "tests" : "cases";
  const schema = Array.isArray(given) ? policyCases.transform((list) => ({ cases: list, policy: undefined })) : own ? policyFile : testFile;
  const checked = check(schema, yaml, Object.keys(own ? policyFile.shape : testFile.shape), policyInnerKeys);
  if (!checked.ok) return checked;
  const value = checked.value as { policy?: string | undefined; cases?: Case[]; tests?: Case[] };
  const lineOf = (index: number): number => yaml.lineOf(Array.isArray(given) ? [index] : [key, index]);
  const listed = (value.cases ?? value.tests ?? []).map((one, index) => caseOf(one, lineOf(index)));
  return { ok: true, test: { own, ...(value.policy === undefined ? {} : { policy: value.policy }), cases: listed } };
}

function caseOf({ name, tool, input, command, path, level, expect, rule }: Case, line: number): PolicyCase {
  const call = input ?? { ...(command === undefined ? {} : { command }), ...(path === undefined ? {} : { path }) };
  return {
    name: name ?? command ?? path ?? tool,
    tool,
    input: call,
    expect,
    line,
    ...(level ? { level } : {}),
    ...(rule === undefined ? {} : { rule }),
  };
}
