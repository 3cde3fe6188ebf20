// What a person is shown before they decide: the exact action, whole, with nothing hidden. An edit as the lines that go
// and come; anything else as its arguments. Pure but for one thing: a file that is to be written whole is compared with
// the one that is there.

import { readFile } from "node:fs/promises";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import type { FileChange } from "../../protocol/events.ts";
import type { ApprovalState, SessionState } from "../../protocol/state.ts";
import { exact, paint } from "../format.ts";

/** Who asks for what. */
export function approvalTitle(state: SessionState, approval: ApprovalState): string {
  const task = approval.taskId && state.tasks[approval.taskId];
  const who = task?.assignedAgent ?? "The team";
  const step = task?.stepId && task.stepId !== who ? ` (${exact(task.stepId)})` : "";
  return `${exact(who)}${step} asks: ${exact(approval.tool)} (risk ${approval.risk})`;
}

/** What a yes for the whole session covers, as core understands it. */
export function sessionScope({ rule, tool }: ApprovalState): string {
  if (rule === "writes") return "all edits of this session";
  return `this ${tool.startsWith("shell__") ? "command" : "call"} again in this session`;
}

/** Nothing of the action is left out or hidden; long contents are shown whole. */
export async function actionLines({ tool, arguments: args, cwd }: ApprovalState, colour: boolean): Promise<string[]> {
  const record = typeof args === "object" && args !== null ? (args as Record<string, unknown>) : { arguments: args };
  const diff = tool.startsWith("filesystem__") ? await diffLines(record, cwd) : undefined;
  const rest = Object.entries(record).filter(([key]) => !diff?.shown.includes(key));
  const plain = rest.flatMap(([key, value]) => `${exact(key)}: ${exact(asText(value))}`.split("\n"));
  const changed = (diff?.lines ?? []).map((line) => painted(exact(line), colour));
  return [...plain, ...changed, `in: ${exact(cwd)}`];
}

export function fileLines(files: FileChange[]): string[] {
  return files.map((file) => `${file.kind.padEnd(8)}  +${file.added} -${file.removed}  ${exact(file.path)}`);
}

export function patchLines(patch: string, colour: boolean): string[] {
  return patch.split("\n").map((line) => painted(exact(line), colour));
}

type Diff = { lines: string[]; /** The arguments that the lines stand for. */ shown: string[] };

async function diffLines(args: Record<string, unknown>, cwd: string): Promise<Diff | undefined> {
  const { path, content, old, new: replacement, patch } = args;
  const lines: string[] = [];
  const shown: string[] = [];
  if (typeof old === "string" && typeof replacement === "string") {
    lines.push(...marked("-", old.split("\n")), ...marked("+", replacement.split("\n")));
    shown.push("old", "new");
  }
  if (typeof patch === "string") {
    lines.push(...patch.split("\n"));
    shown.push("patch");
  }
  if (typeof path === "string" && typeof content === "string") {
    lines.push(...(await wholeFile(cwd, path, content)));
    shown.push("content");
  }
  return lines.length > 0 ? { lines, shown } : undefined;
}

async function wholeFile(cwd: string, path: string, content: string): Promise<string[]> {
  const before = await presentContent(cwd, path);
  if (before === undefined) return marked("+", linesOf(content));
  if (before === none) return ["(a new file)", ...marked("+", linesOf(content))];
  const { structuredPatch } = await import("diff");
  const { hunks } = structuredPatch(path, path, before, content);
  return hunks.length === 0 ? ["(the file stays as it is)"] : hunks.flatMap((hunk) => ["@@", ...hunk.lines]);
}

const none = Symbol("no such file");

/** Undefined where it cannot be told. Nothing outside the agent's folder is read. */
async function presentContent(cwd: string, path: string): Promise<string | typeof none | undefined> {
  const inside = relative(cwd, resolve(cwd, path));
  if (inside === "" || inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return undefined;
  try {
    return await readFile(join(cwd, inside), "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? none : undefined;
  }
}

function linesOf(content: string): string[] {
  if (content === "") return [];
  return content.endsWith("\n") ? content.slice(0, -1).split("\n") : [...content.split("\n"), "\\ No newline at end of file"];
}

function marked(mark: "+" | "-", lines: string[]): string[] {
  return lines.map((line) => (line.startsWith("\\ No newline") ? line : `${mark} ${line}`));
}

function painted(line: string, colour: boolean): string {
  if (line.startsWith("+")) return paint("green", line, colour);
  return line.startsWith("-") ? paint("red", line, colour) : line;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
