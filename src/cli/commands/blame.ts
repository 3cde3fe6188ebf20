// `ao blame FILE[:LINE[-LINE]]`: which session, agent and model each line of a file in the user's workspace came from.

import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { linesOf } from "../../core/lineMatch.ts";
import type { StorePort } from "../../core/ports.ts";
import { standingOf } from "../../protocol/landed.ts";
import { type Blame, blameFile, type LineOrigin } from "../../runtime/blame.ts";
import { dataDirOf } from "../../runtime/places.ts";
import { loadState } from "../../runtime/record.ts";
import type { Command, Io } from "../command.ts";
import { jsonOption } from "../command.ts";
import { columnsOf, cutTo, oneLine, paint, visible } from "../format.ts";
import { withStore } from "../open.ts";
import { CommandError, exit } from "../usage.ts";

/** Both lines included. */
type Range = { from: number; to: number };
type Target = { file: string; range?: Range };

export const blameCommand: Command = {
  name: "blame",
  args: "FILE[:LINE[-LINE]] [--json]",
  summary: "Show which session, agent and model each line of a file came from; of one line all that is on record, of LINE-LINE these alone",
  options: { json: jsonOption },
  arity: [1, 1],
  run: ({ positionals, values, io }) =>
    withStore(io, async (store) => {
      const { file, range } = targetOf(positionals[0]!, io);
      await requireFile(store, file);
      const text = readFileSync(file, "utf8");
      const lines = linesOf(text);
      const { from, to } = range ?? { from: 1, to: lines.length };
      const beyond = range && [from, to].find((line) => line < 1 || line > lines.length);
      if (beyond !== undefined) throw new CommandError(`${file} has no line ${beyond}: it has ${lines.length}`);
      if (range && from > to) throw new CommandError(`${file}:${from}-${to} has its last line first; write it as FILE:${to}-${from}`);
      const blamed = await blameFile({ store, dataDir: dataDirOf(io.env) }, file, text);
      if (!blamed) throw new CommandError(`${file} is in no folder that a session has worked in; see: ao list`);
      if (values["json"]) io.out(JSON.stringify(asJson(blamed, lines, { from, to })));
      else if (range && from === to) for (const row of storyOf(blamed.lines[from - 1], lines[from - 1]!)) io.out(row);
      else for (const row of rowsOf(blamed, lines, io).slice(from - 1, to)) io.out(row);
      return exit.done;
    }),
};

/** A file whose name ends in a colon and a number is that file. */
function targetOf(given: string, io: Io): Target {
  const [, name, from, to = from] = /^(.+):(\d+)(?:-(\d+))?$/.exec(given) ?? [];
  const file = resolve(io.cwd, given);
  if (name === undefined || existsSync(file)) return { file };
  return { file: resolve(io.cwd, name), range: { from: Number(from), to: Number(to) } };
}

async function requireFile(store: StorePort, file: string): Promise<void> {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile()) return;
  if (found) throw new CommandError(`${file} is no file; name one, or one of its lines as FILE:LINE`);
  const waits = await waitingFor(store, file);
  throw new CommandError(
    waits === undefined ? `the file ${file} does not exist` : `the file ${file} is in the result of a session that still waits: ${waits}`,
  );
}

/** Where the newest result that would bring a file is to be seen. */
async function waitingFor(store: StorePort, file: string): Promise<string | undefined> {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const path = relative(folder, file).split(sep).join("/");
    for (const { id } of await store.listSessions({ workspace: folder, limit: 20 })) {
      const state = await loadState({ store }, id);
      const isIn = state?.landing?.files.some((one) => one.path === path && one.kind === "added");
      if (state && isIn && standingOf(state) === "waiting") return `ao changes ${id} ${path}`;
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function asJson({ workspace, path, lines: origins }: Blame, lines: string[], { from, to }: Range): object {
  const all = lines.map((text, i) => ({ line: i + 1, text, origin: origins[i] ?? null }));
  return { workspace, path, lines: all.slice(from - 1, to) };
}

function rowsOf({ lines: origins }: Blame, lines: string[], { colour, stdout }: Io): string[] {
  const heads = origins.map((origin) => (origin ? [origin.sessionId, origin.agent ?? "", origin.model ?? "", day(origin)] : []));
  const widths = [0, 1, 2, 3].map((at) => Math.max(0, ...heads.map((head) => columnsOf(head[at] ?? ""))));
  const digits = String(lines.length).length;
  const across = stdout.isTTY ? stdout.columns : Infinity;
  return lines.map((text, i) => {
    const cells = widths.map((width, at) => (heads[i]![at] ?? "").padEnd(width));
    const mark = origins[i]?.changed ? "~" : " ";
    const head = `${cells.join("  ")} ${mark} ${String(i + 1).padStart(digits)} `;
    return `${paint(origins[i] ? "cyan" : "dim", head, colour)} ${cutTo(visible(text), across - head.length - 1)}`.trimEnd();
  });
}

/** As the person's own clock has it. */
function day({ landed }: LineOrigin): string {
  const at = new Date(landed.at);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

function storyOf(origin: LineOrigin | undefined, text: string): string[] {
  if (!origin) return [visible(text), "", "No session wrote this line."];
  const { call, approvals, receipt, landed } = origin;
  const rows: [string, string | undefined][] = [
    ["session", origin.sessionName === origin.sessionId ? origin.sessionId : `${origin.sessionId} (${origin.sessionName})`],
    ["asked", origin.prompt],
    ["step", origin.stepId],
    ["goal", origin.goal],
    ["task", origin.taskId],
    ["agent", origin.agent],
    ["model", origin.model],
    ["written by", call && `${call.tool} (${call.callId}${call.grant === undefined ? "" : `, allowed by grant ${call.grant}`})`],
    ...approvals.map(({ approvalId, decision, scope, by }): [string, string] => [
      "approval",
      `${approvalId}: ${decision}, ${scope}, by ${by}`,
    ]),
    ["landed", `${day(origin)}, by ${landed.by}${landed.approvalId === undefined ? "" : ` (${landed.approvalId})`}`],
    ["receipt", receipt ? `${receipt.receiptId}: ${receipt.command} passed on this tree` : "no check passed on exactly what was taken"],
    ["written in", origin.path],
    ["since then", origin.changed ? "edited" : undefined],
  ];
  const shown = rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(10)}  ${oneLine(value, 200)}`]));
  return [visible(text), "", ...shown, "", `The whole record: ao trace ${origin.sessionId}`];
}
