// Standing grants: approvals that hold beyond their session. What one covers is worked out when the question is put, so
// that a person sees it before answering, and a later call is covered only if exactly the same comes out for it, or if it is
// a command like the one that was shown (proposals.ts). Never covered: what the floor, a rule or doubt about the call's
// reach have a say in.

import type { ApprovalRequest, Coverage } from "../protocol/events.ts";
import { canonicalJson } from "../protocol/hash.ts";
import type { SessionState } from "../protocol/state.ts";
import type { Decision } from "./guard.ts";
import type { Ports, Reach, StandingGrant } from "./ports.ts";
import { patternCovers, patternDays, wouldHaveCovered } from "./proposals.ts";
import { mindedOf, outsideOf } from "./reach.ts";

type Call = { tool: string; arguments: unknown; root: string; workspace: string; reach: Reach; decision: Decision };

const byCommand = new Set(["shell", "checks", "writes"]);

/** What a wider scope would cover; undefined where only the call itself can be approved. */
export function coverageOf({ tool, arguments: args, root, workspace, reach, decision }: Call): Coverage | undefined {
  const { rule, fixed } = decision;
  const isOpen = !reach.certain || outsideOf(reach).length > 0 || mindedOf(reach).length > 0;
  if (fixed || rule === null || isOpen || root === workspace) return undefined;
  if (rule === "network" && reach.hosts.length > 0) return { kind: "hosts", tool, rule, hosts: reach.hosts };
  if (rule === "writes" && tool !== "shell__run") return { kind: "edits", tool, rule };
  if (!byCommand.has(rule) || tool !== "shell__run" || !isPlain(reach)) return undefined;
  const folder = folderOf(args, root);
  return folder === undefined ? undefined : { kind: "commands", tool, rule, commands: reach.commands.map(({ words }) => words), folder };
}

/** One command, and nothing in its text besides its words: what joins or redirects commands is in no word. */
function isPlain({ commands, text }: Reach): boolean {
  const bare = (words: string): string => words.replaceAll(/["'\s]/g, "");
  return commands.length === 1 && text !== undefined && bare(text) === bare(commands[0]!.words.join(""));
}

const known = new Set(["command", "cwd", "timeoutMs"]);

/** Where a command runs, seen from the agent's own folder; undefined where that is not plain to see. */
function folderOf(args: unknown, root: string): string | undefined {
  const given = args as Record<string, unknown>;
  if (!Object.keys(given).every((key) => known.has(key))) return undefined;
  const cwd = given["cwd"] ?? ".";
  if (typeof cwd !== "string") return undefined;
  const inside = cwd === root ? "." : cwd.startsWith(`${root}/`) ? cwd.slice(root.length + 1) : cwd;
  const parts = inside.split("/").filter((part) => part !== "" && part !== ".");
  return inside.startsWith("/") || inside.includes("\\") || parts.includes("..") ? undefined : parts.join("/") || ".";
}

/** What each scope would also allow, in words. */
export function scopesOf(state: Asked, { coverage, pattern, decision }: Offer): NonNullable<ApprovalRequest["covers"]> {
  const rule = decision.fixed ? null : decision.rule;
  const session = rule === "writes" ? "all edits in the agents' own folders, in this session" : "this same call again, in this session";
  if (!coverage) return { session };
  const what = sayCoverage(coverage);
  const exactly = { session, workspace: `${what}, in all sessions of this project`, always: `${what}, in all projects`, exactly: coverage };
  return pattern ? { ...exactly, like: sayLike(state, pattern.pattern), pattern } : exactly;
}

/** What was asked in this session before. */
type Asked = Pick<SessionState, "approvals">;
type Offer = { coverage?: Coverage; pattern?: Extract<Coverage, { kind: "pattern" }>; decision: Decision };

function sayLike(state: Asked, pattern: string): string {
  const spared = wouldHaveCovered(state, pattern);
  const also = spared.length > 0 ? `; of this session's questions also ${spared.slice(0, 3).join(", ")}` : "";
  return `${sayPattern(pattern)}, in all sessions of this project for ${patternDays} days${also}`;
}

function sayPattern(pattern: string): string {
  return `commands like ${pattern.replace(/ \*$/, " …")} in an agent's own folder, but none that writes elsewhere, connects or runs other programs`;
}

export function sayCoverage(coverage: Coverage): string {
  if (coverage.kind === "edits") return `every edit with ${coverage.tool} in an agent's own folder`;
  if (coverage.kind === "hosts") return `reading from ${coverage.hosts.join(", ")}`;
  if (coverage.kind === "pattern") return sayPattern(coverage.pattern);
  const { commands, folder } = coverage;
  const lines = commands.map((words) => words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))).join(" "));
  const where = folder === "." ? "an agent's own folder" : `${folder} in an agent's own folder`;
  return `exactly the command ${lines.join("; ")} in ${where}, on whatever files are there then`;
}

type Wanted = { coverage: Coverage; tool: string; reach: Reach; workspace: string };

export async function grantFor(ports: Ports, { coverage, tool, reach, workspace }: Wanted): Promise<StandingGrant | undefined> {
  const wanted = canonicalJson(coverage);
  const grants = await ports.grants.list();
  const covers = (given: Coverage): boolean =>
    given.kind === "pattern" ? byCommand.has(coverage.rule) && patternCovers(given, tool, reach) : canonicalJson(given) === wanted;
  return grants.find((grant) => (grant.workspace ?? workspace) === workspace && covers(grant.covers));
}
