// `ao policy`: what the guard would decide, without running anything; tests of rules; a workspace's file accepted.

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { closest } from "../../runtime/closest.ts";
import { workspacePolicies } from "../../runtime/policy.ts";
import type { Decision, Policy, PolicyCheck } from "../../runtime/policyCheck.ts";
import type { Command, Invocation, Io } from "../command.ts";
import { jsonOption, text, workspaceOption } from "../command.ts";
import { paint, sayAmounts, visible } from "../format.ts";
import { existingWorkspaceOf } from "../open.ts";
import { CommandError, exit } from "../usage.ts";
import { levelOf, levelOption } from "./levels.ts";

const actions: Record<string, (invocation: Invocation) => Promise<number>> = {
  check: checkCalls,
  test: testFile,
  accept: acceptFile,
  show: showPolicy,
};

export const policyCommand: Command = {
  name: "policy",
  args: "check --tool T --input JSON | check --batch FILE.jsonl | test FILE | accept FILE | show",
  summary: "Ask what the guard would decide, test rules, accept a project's policy",
  options: {
    tool: { type: "string", value: "TOOL", describe: "the tool of the call, for instance shell__run" },
    input: { type: "string", value: "JSON", describe: "its arguments" },
    batch: { type: "string", value: "FILE", describe: 'calls to check, one {"tool": …, "input": …} a line; an answer a line' },
    level: levelOption,
    workspace: workspaceOption,
    "accept-workspace-policy": { type: "boolean", describe: "count the project's policy in full, as if it were accepted" },
    json: jsonOption,
  },
  arity: [1, 2],
  run: (invocation) => {
    const [name = ""] = invocation.positionals;
    const action = actions[name];
    if (!action)
      throw new CommandError(
        `there is no "ao policy ${name}"${near(name, Object.keys(actions))}; there are: ${Object.keys(actions).join(", ")}`,
      );
    return action(invocation);
  },
};

async function opened({ values, io }: Invocation): Promise<PolicyCheck> {
  const { openPolicyCheck } = await import("../../runtime/policyCheck.ts");
  const level = levelOf(values);
  const checking = await openPolicyCheck(io.env, {
    workspace: existingWorkspaceOf({ values, io }),
    ...(level ? { level } : {}),
    ...(values["accept-workspace-policy"] === true ? { acceptWorkspace: true } : {}),
  });
  for (const { file, line, column, message } of checking.policy.problems)
    io.err(`${file}:${line}:${column}: ${message} Until it is mended, only reading is allowed.`);
  return checking;
}

function near(word: string, names: string[]): string {
  const name = closest(word, names);
  return name === undefined ? "" : ` (did you mean ${name}?)`;
}

/** What is odd about the name of a tool, or of tools in a rule; that of an MCP server may be anything. */
function slipIn(tool: string, tools: string[]): string | undefined {
  const [server = "", name] = tool.split("__");
  const servers = [...new Set(tools.map((one) => one.slice(0, one.indexOf("__"))))];
  const isKnown = name === undefined || tool.includes("*") || tools.includes(tool);
  if (servers.includes(server)) return isKnown ? undefined : `no tool is named ${tool}${near(tool, tools)}`;
  const meant = server.includes("*") ? undefined : closest(server, servers);
  return meant && `no server of ours is named ${server} (did you mean ${meant}?)`;
}

/** A rule whose tool is misspelled would silently mean nothing. */
async function warnOfSlips({ rules }: Policy, io: Io): Promise<void> {
  if (rules.length === 0) return;
  const { ourTools } = await import("../../runtime/policyCheck.ts");
  const tools = await ourTools();
  for (const { tool, from = "a policy" } of rules) {
    const slip = slipIn(tool, tools);
    if (slip) io.err(`${from}: a rule may mean nothing: ${slip}`);
  }
}

async function checkCalls(invocation: Invocation): Promise<number> {
  const { values, io } = invocation;
  const batch = text(values, "batch");
  if (batch !== undefined) return checkBatch(await opened(invocation), readText(io, batch), io);
  const tool = text(values, "tool");
  if (tool === undefined) throw new CommandError("ao policy check needs --tool TOOL and --input JSON, or --batch FILE.jsonl");
  const input = parsed(text(values, "input") ?? "{}");
  if (!input.ok) throw new CommandError(`--input is not valid JSON: ${input.message}`);
  if (typeof input.value !== "object" || input.value === null || Array.isArray(input.value))
    throw new CommandError('--input is to be a JSON object, for instance {"command":"npm test"}');
  if (tool !== "shell__run") {
    const { ourTools } = await import("../../runtime/policyCheck.ts");
    const slip = slipIn(tool, await ourTools());
    if (slip) io.err(`ao: ${slip}; what follows is a guess`);
  }
  io.out(asJson(await (await opened(invocation)).check(tool, input.value)));
  return exit.done;
}

/** A line that cannot be read is answered as well, with the refusal that such a call would get. */
async function checkBatch(checking: PolicyCheck, lines: string, io: Io): Promise<number> {
  let faults = 0;
  for (const [index, line] of lines.replace(/\n$/, "").split("\n").entries()) {
    const read = parsed(line);
    const { tool, input } = (read.ok && typeof read.value === "object" && read.value !== null ? read.value : {}) as Record<string, unknown>;
    if (typeof tool === "string") io.out(asJson(await checking.check(tool, input ?? {})));
    else {
      faults += 1;
      const reason = `line ${index + 1} is no call: ${read.ok ? '{"tool": …, "input": …} is needed' : read.message}`;
      io.out(asJson({ decision: "deny", risk: 100, reasons: [reason], rule: null }));
    }
  }
  if (faults > 0) io.err(`ao: ${faults} of the lines are no calls; each is answered with a refusal that says why`);
  return faults > 0 ? exit.usage : exit.done;
}

function asJson({ decision, risk, reasons, rule }: Decision): string {
  return JSON.stringify({ decision, risk, reasons, rule });
}

function parsed(json: string): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    return { ok: true, value: JSON.parse(json) as unknown };
  } catch (error) {
    return { ok: false, message: (error as Error).message };
  }
}

function readText(io: Io, name: string): string {
  try {
    return readFileSync(resolve(io.cwd, name), "utf8");
  } catch (error) {
    throw new CommandError(`${name} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function fileOf({ positionals, io }: Invocation, what: string): string {
  const [, name] = positionals;
  if (name === undefined) throw new CommandError(`"ao policy ${positionals[0]}" needs ${what}`);
  const file = resolve(io.cwd, name);
  if (!existsSync(file)) throw new CommandError(`there is no file ${name}`);
  return file;
}

async function testFile(invocation: Invocation): Promise<number> {
  const { values, io } = invocation;
  const file = fileOf(invocation, "a file with cases, or a policy with tests");
  const { testPolicy } = await import("../../runtime/policyCheck.ts");
  const level = levelOf(values);
  const acceptWorkspace = values["accept-workspace-policy"] === true;
  const tested = await testPolicy(io.env, file, {
    workspace: existingWorkspaceOf(invocation),
    acceptWorkspace,
    ...(level ? { level } : {}),
  });
  if (!tested.ok) {
    for (const fault of tested.faults) io.err(fault);
    return exit.failed;
  }
  await warnOfSlips(tested.policy, io);
  const failures = tested.cases.filter(({ passed }) => !passed);
  if (values["json"]) io.out(JSON.stringify(tested.cases));
  else {
    for (const { line, name, expect, got, rule } of failures) {
      const wanted = rule === undefined ? expect : `${expect} by ${rule}`;
      io.out(
        `${paint("red", "failed", io.colour)}  ${file}:${line}  ${name}: ${wanted} expected, but ${got.decision} (${got.reasons.join("; ")})`,
      );
    }
    io.out(`${tested.cases.length - failures.length} of ${tested.cases.length} cases hold`);
  }
  return failures.length > 0 ? exit.failed : exit.done;
}

async function acceptFile(invocation: Invocation): Promise<number> {
  const { io } = invocation;
  const file = fileOf(invocation, "the file to accept, for instance .agents/policy.yaml");
  const { acceptPolicyFile, loosenings } = await import("../../runtime/policyCheck.ts");
  const shown = readText(io, file);
  const accepted = await acceptPolicyFile(io.env, file, shown);
  if (!accepted.ok) {
    for (const fault of accepted.faults) io.err(fault);
    return exit.failed;
  }
  io.out(
    `Accepted as it is now (${accepted.hash.slice(0, 12)}): its allow rules, level and sandbox count in full. Any change needs another accept.`,
  );
  for (const loosened of await loosenings(shown)) io.out(`  ${visible(loosened)}`);
  if (!workspacePolicies.some((name) => file.endsWith(`/${name}`)))
    io.err(`It counts where a project has these bytes as ${workspacePolicies[0]}; your own policy needs no accept.`);
  return exit.done;
}

async function showPolicy(invocation: Invocation): Promise<number> {
  const { values, io } = invocation;
  const { policy } = await opened(invocation);
  if (values["json"]) {
    const rules = policy.rules.map(({ paths: _paths, commands: _commands, ...rule }) => rule);
    io.out(JSON.stringify({ ...policy, rules }));
    return exit.done;
  }
  await warnOfSlips(policy, io);
  if (policy.files.length === 0 && policy.problems.length === 0)
    io.out("No policy file holds here; the level decides. See: docs/policy.md");
  for (const { origin, file, trusted } of policy.files) {
    io.out(`${origin.padEnd(9)}  ${file}${trusted ? "" : `  (only tightens; accept it with: ao policy accept ${file})`}`);
    for (const { effect, id, tool, path, command, host, reason, from } of policy.rules) {
      if (from !== file) continue;
      const words = [id ?? "", tool, ...(path ?? []), ...(command ?? []), ...(host ?? []), reason ?? ""].filter(Boolean);
      io.out(visible(`  ${effect.padEnd(5)}  ${words.join("  ")}`));
    }
  }
  for (const [what, words] of amountsOf(policy)) if (words) io.out(visible(`${what.padEnd(9)}  ${words}`));
  return policy.problems.length > 0 ? exit.failed : exit.done;
}

/** What the files say together besides their rules; of the sandbox also what holds where they say nothing. */
function amountsOf({ level, highest, budgets, sandbox, workspace }: Policy): [string, string | undefined][] {
  const { mode = "auto", network = [], container, ...amounts } = sandbox;
  const reached = mode === "off" ? undefined : `network ${network.join(" ") || "none"}`;
  const parts = [`mode ${mode}`, sayAmounts(amounts), reached, container && `container ${container.image}`];
  const { checks = {}, required, copy = [], link = [] } = workspace;
  return [
    ["level", [level, highest && `${highest} at most`].filter(Boolean).join(", ")],
    ["budgets", sayAmounts(budgets)],
    ["sandbox", parts.filter(Boolean).join(", ")],
    ...Object.entries(checks).map(([kind, command]): [string, string] => ["checks", `${kind}: ${command}`]),
    ["required", required && (required.join(", ") || "nothing")],
    ["copy", copy.join(", ")],
    ["link", link.join(", ")],
  ];
}
