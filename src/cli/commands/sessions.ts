// `ao list`, `ao result`, `ao cancel`: what sessions there are, what came of one, and stopping one.

import type { SessionRow } from "../../core/ports.ts";
import { type Standing, standingOf } from "../../protocol/landed.ts";
import type { Command, Io } from "../command.ts";
import { jsonOption, text, workspaceOption } from "../command.ts";
import { columnsOf, oneLine, shortFolder, visible } from "../format.ts";
import { existingWorkspaceOf, sessionNamed, withRuntime, withStore } from "../open.ts";
import { reasonOf, waysOn } from "../render/summary.ts";
import { CommandError, exit, refusal, exitByStatus } from "../usage.ts";

const newest = 20;

export const listCommand: Command = {
  name: "list",
  args: "[--workspace DIR] [--all] [--json]",
  summary: `List the newest ${newest} sessions`,
  options: {
    workspace: { ...workspaceOption, describe: "only those of this folder" },
    all: { type: "boolean", describe: `all sessions, not only the newest ${newest}` },
    json: jsonOption,
  },
  arity: [0, 0],
  run: ({ values, io }) =>
    withStore(io, async (store) => {
      const workspace = text(values, "workspace") === undefined ? {} : { workspace: existingWorkspaceOf({ values, io }) };
      const rows = await store.listSessions({ ...workspace, ...(values["all"] ? {} : { limit: newest + 1 }) });
      const shown = values["all"] ? rows : rows.slice(0, newest);
      if (values["json"]) io.out(JSON.stringify(shown));
      else if (rows.length === 0) io.out('No sessions yet. Start one with: ao run "YOUR GOAL"');
      else for (const line of sessionLines(shown, io)) io.out(line);
      if (!values["json"] && shown.length < rows.length) io.out("There are older ones: ao list --all");
      return exit.done;
    }),
};

/** A name that was given, a fork's for instance, tells it from others with the same goal. */
function titleOf({ id, name, goal }: SessionRow): string {
  return name === id ? goal : `${name}: ${goal}`;
}

/** Columns: id, status, when it began, folder, goal; the goal takes what the terminal leaves. */
function sessionLines(rows: SessionRow[], { env, stdout }: Io): string[] {
  const folders = rows.map((row) => oneLine(shortFolder(row.workspace, env["HOME"]), longestFolder));
  const width = Math.max(...folders.map(columnsOf));
  return rows.map((row, i) => {
    const folder = folders[i]! + " ".repeat(width - columnsOf(folders[i]!));
    const head = `${row.id}  ${row.status.padEnd(9)}  ${localTime(row.createdAt)}  ${folder}  `;
    return `${head}${oneLine(titleOf(row), stdout.isTTY ? Math.max(20, stdout.columns - columnsOf(head)) : 70)}`.trimEnd();
  });
}

const longestFolder = 40;

function localTime(iso: string): string {
  const at = new Date(iso);
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

const whatWasTaken: Partial<Record<Standing, string>> = {
  partly: "not all of its changes are in your files as proposed; the whole patch is still there",
  discarded: "its changes were discarded; the patch is still there",
  "taken back": "its changes were taken back out of your files; the patch is still there",
};

export const resultCommand: Command = {
  name: "result",
  args: "SESSION [--json]",
  summary: "Print the answer of a session; what it waits for or why it failed goes to stderr",
  options: { json: jsonOption },
  arity: [1, 1],
  run: ({ positionals, values, io }) =>
    withStore(io, async (store) => {
      const state = await sessionNamed(store, positionals[0]!);
      const { run, id, status } = state;
      if (!run || run.status === "running")
        throw new CommandError(`session ${id} has no result yet; go on with: ao resume ${id}`, exit.failed);
      const { answer = "", reason, unproven } = run;
      const changes = standingOf(state);
      if (values["json"])
        io.out(JSON.stringify({ sessionId: id, status, answer, reason: reason ?? null, unproven, changes: changes ?? null }));
      else if (answer) io.out(answer);
      if (run.status === "done") {
        if (unproven) io.err(`ao: unproven: ${reason ?? "no check confirms this result"}`);
        const took = changes && whatWasTaken[changes];
        if (took) io.err(`ao: ${took}: ao changes ${id}`);
        return exit.done;
      }
      const why = reasonOf(state, { status: run.status, ...(reason === undefined ? {} : { reason }) });
      io.err(`ao: session ${id} ${run.status === "waiting" ? "waits for you" : run.status}${why === undefined ? "" : `: ${visible(why)}`}`);
      for (const line of waysOn(state, run.status)) io.err(line);
      return exitByStatus[run.status];
    }),
};

export const cancelCommand: Command = {
  name: "cancel",
  args: "SESSION",
  summary: "Stop a session that runs, wherever it runs; it can be resumed",
  options: {},
  arity: [1, 1],
  run: ({ positionals, io }) =>
    withRuntime(io, {}, async (runtime) => {
      const { id } = await sessionNamed(runtime.store, positionals[0]!);
      const cancelled = await runtime.engine.dispatch({ type: "session.cancel", sessionId: id });
      if (!cancelled.ok) throw refusal(cancelled.error);
      if (!cancelled.value.cancelled) throw new CommandError(`session ${id} is not running`, exit.failed);
      io.out(`Cancelled ${id}. Go on with: ao resume ${id}`);
      return exit.done;
    }),
};
