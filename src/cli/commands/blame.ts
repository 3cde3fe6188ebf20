// `ao blame FILE[:LINE]`: which session, agent and model each line of a file in the user's workspace came from.

import { existsSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { linesOf } from "../../core/lineMatch.ts";
import { type Blame, blameFile, type LineOrigin } from "../../runtime/blame.ts";
import { dataDirOf } from "../../runtime/places.ts";
import type { Command, Io } from "../command.ts";
import { jsonOption } from "../command.ts";
import { columnsOf, cutTo, oneLine, paint, visible } from "../format.ts";
import { withStore } from "../open.ts";
import { CommandError, exit } from "../usage.ts";

type Target = { file: string; line?: number };

export const blameCommand: Command = {
  name: "blame",
  args: "FILE[:LINE] [--json]",
  summary: "Show which session, agent and model each line of a file came from; of one line, all that is on record",
  options: { json: jsonOption },
  arity: [1, 1],
  run: ({ positionals, values, io }) =>
    withStore(io, async (store) => {
      const { file, line } = targetOf(positionals[0]!, io);
      const text = readFileSync(file, "utf8");
      const lines = linesOf(text);
      if (line !== undefined && (line < 1 || line > lines.length))
        throw new CommandError(`${file} has no line ${line}: it has ${lines.length}`, exit.failed);
      const blamed = await blameFile({ store, dataDir: dataDirOf(io.env) }, file, text);
      if (!blamed) throw new CommandError(`${file} is in no folder that a session has worked in; see: ao list`, exit.failed);
      if (values["json"]) io.out(JSON.stringify(asJson(blamed, lines, line)));
      else if (line === undefined) for (const row of rowsOf(blamed, lines, io)) io.out(row);
      else for (const row of storyOf(blamed.lines[line - 1], lines[line - 1]!)) io.out(row);
      return exit.done;
    }),
};

/** A file whose name ends in a colon and a number is that file. */
function targetOf(given: string, io: Io): Target {
  const [, name, line] = /^(.+):(\d+)$/.exec(given) ?? [];
  const file = resolve(io.cwd, given);
  if (name === undefined || existsSync(file)) return { file: checked(file) };
  return { file: checked(resolve(io.cwd, name)), line: Number(line) };
}

function checked(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw new CommandError(`the file ${file} does not exist`, exit.failed);
  if (!found.isFile()) throw new CommandError(`${file} is no file; name one, or one of its lines as FILE:LINE`, exit.failed);
  return file;
}

function asJson({ workspace, path, lines: origins }: Blame, lines: string[], line: number | undefined): object {
  const all = lines.map((text, i) => ({ line: i + 1, text, origin: origins[i] ?? null }));
  return { workspace, path, lines: line === undefined ? all : [all[line - 1]] };
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
