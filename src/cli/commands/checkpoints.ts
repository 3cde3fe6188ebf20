// `ao checkpoints`, `ao rollback`: the named places of a session, and the way back to those that were the user's own files.

import type { Command } from "../command.ts";
import { jsonOption, text } from "../command.ts";
import { counted, visible } from "../format.ts";
import { requireWorkspace, sessionNamed, withRuntime, withStore } from "../open.ts";
import { CommandError, exit } from "../usage.ts";

export const checkpointsCommand: Command = {
  name: "checkpoints",
  args: "SESSION [--json]",
  summary: "List a session's checkpoints, the newest last, and to which of them its changes can be taken back",
  options: { json: jsonOption },
  arity: [1, 1],
  run: ({ positionals, values, io }) =>
    withStore(io, async (store) => {
      const { id, checkpoints } = await sessionNamed(store, positionals[0]!);
      if (values["json"]) io.out(JSON.stringify(checkpoints));
      else if (checkpoints.length === 0) io.out(`Session ${id} has touched no files.`);
      else
        for (const { checkpointId, name, from } of checkpoints)
          io.out(`${checkpointId}  ${visible(from ? `in work: ${name} (never in your files: no way back)` : name)}`);
      return exit.done;
    }),
};

export const rollbackCommand: Command = {
  name: "rollback",
  args: "SESSION --to CHECKPOINT [--only files|state]",
  summary: "Take a session back to a checkpoint, your files and what it knows; what you edited stays",
  options: {
    to: { type: "string", value: "CHECKPOINT", describe: "one of: ao checkpoints SESSION" },
    only: { type: "string", value: "PART", describe: "files (the session still knows what it did), or state (the files stay)" },
  },
  arity: [1, 1],
  run: ({ positionals, values, io }) =>
    withRuntime(io, {}, async (runtime) => {
      const state = await sessionNamed(runtime.store, positionals[0]!);
      const { id, workspace } = state;
      const to = text(values, "to");
      if (to === undefined) throw new CommandError(`"ao rollback" needs --to CHECKPOINT; see: ao checkpoints ${id}`);
      requireWorkspace(state, "begin a new session where the files are now");
      const target = state.checkpoints.find((one) => one.checkpointId === to);
      if (!target) throw new CommandError(`there is no checkpoint "${to}" in session ${id}; see: ao checkpoints ${id}`);
      const rolled = await runtime.engine.dispatch({ type: "session.rollback", sessionId: id, to: target.checkpointId, by: "user" });
      if (!rolled.ok) throw new CommandError(rolled.error.message, exit.failed);
      const { files, conflicts } = rolled.value;
      if (conflicts.length > 0) {
        throw new CommandError(
          `nothing was changed: you changed the same places in ${conflicts.join(", ")}. Settle them, then run it again.`,
          exit.failed,
        );
      }
      const undo = (await runtime.engine.state(id))?.checkpoints.at(-1)?.checkpointId;
      if (files.length === 0) io.out("Nothing is to be taken back: your files hold no later changes of this session.");
      else {
        io.out(`Took back ${counted(files.length, "file")} in ${workspace}: ${files.join(", ")}`);
        io.out(`Undo it with: ao rollback ${id} --to ${undo}`);
      }
      return exit.done;
    }),
};
