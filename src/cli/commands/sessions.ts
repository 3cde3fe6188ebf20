// `ao list`, `ao result`, `ao cancel`: what sessions there are, what came of one, and stopping one.

import type { Command } from "../command.ts";
import { jsonOption, text, workspaceOption } from "../command.ts";
import { oneLine } from "../format.ts";
import { sessionNamed, withRuntime, withStore, workspaceOf } from "../open.ts";
import { CommandError, exit } from "../usage.ts";

export const listCommand: Command = {
  name: "list",
  args: "[--workspace DIR] [--json]",
  summary: "List the sessions, newest first",
  options: { workspace: { ...workspaceOption, describe: "only those of this folder" }, json: jsonOption },
  arity: [0, 0],
  run: ({ values, io }) =>
    withStore(io, async (store) => {
      const workspace = text(values, "workspace") === undefined ? {} : { workspace: workspaceOf({ values, io }) };
      const rows = await store.listSessions({ limit: 1000, ...workspace });
      if (values["json"]) io.out(JSON.stringify(rows));
      else if (rows.length === 0) io.out('No sessions yet. Start one with: ao run "YOUR GOAL"');
      for (const row of values["json"] ? [] : rows)
        io.out(`${row.id}  ${row.status.padEnd(9)}  ${row.createdAt.slice(0, 16).replace("T", " ")}  ${oneLine(row.goal, 70)}`);
      return exit.done;
    }),
};

export const resultCommand: Command = {
  name: "result",
  args: "SESSION [--json]",
  summary: "Print the answer of a session",
  options: { json: jsonOption },
  arity: [1, 1],
  run: ({ positionals, values, io }) =>
    withStore(io, async (store) => {
      const { run, id, status } = await sessionNamed(store, positionals[0]!);
      if (!run || run.status === "running")
        throw new CommandError(`session ${id} has no result yet; go on with: ao resume ${id}`, exit.failed);
      io.out(
        values["json"]
          ? JSON.stringify({ sessionId: id, status, answer: run.answer ?? "", reason: run.reason ?? null, unproven: run.unproven })
          : (run.answer ?? ""),
      );
      return exit.done;
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
      if (!cancelled.ok) throw new CommandError(cancelled.error.message, exit.failed);
      if (!cancelled.value.cancelled) throw new CommandError(`session ${id} is not running`, exit.failed);
      io.out(`Cancelled ${id}. Go on with: ao resume ${id}`);
      return exit.done;
    }),
};
