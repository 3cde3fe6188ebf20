// `ao changes`, `ao apply`, `ao discard`: a session's result, before and when it goes into the user's tree.

import { decodeUtf8 } from "../../core/context.ts";
import type { Command } from "../command.ts";
import { jsonOption } from "../command.ts";
import { counted } from "../format.ts";
import { requireWorkspace, sessionNamed, withRuntime, withStore } from "../open.ts";
import { fileLines } from "../render/question.ts";
import { CommandError, exit } from "../usage.ts";

export const changesCommand: Command = {
  name: "changes",
  args: "SESSION [--stat] [--json]",
  summary: "Show what a session changed, as a patch",
  options: { stat: { type: "boolean", describe: "only the files and their figures" }, json: jsonOption },
  arity: [1, 1],
  run: ({ positionals, values, io }) =>
    withStore(io, async (store) => {
      const { landing, id } = await sessionNamed(store, positionals[0]!);
      if (values["json"])
        io.out(JSON.stringify({ sessionId: id, files: landing?.files ?? [], decision: landing?.decision ?? (landing ? "pending" : null) }));
      else if (!landing) io.out(`Session ${id} changed no files.`);
      else if (values["stat"]) for (const line of fileLines(landing.files)) io.out(line);
      else if (landing.patch) io.out(decodeUtf8((await store.getArtifact(landing.patch.hash)) ?? new Uint8Array()));
      return exit.done;
    }),
};

export const applyCommand: Command = {
  name: "apply",
  args: "SESSION",
  summary: "Take a session's changes into your files",
  options: {},
  arity: [1, 1],
  run: ({ positionals, io }) =>
    withRuntime(io, {}, async (runtime) => {
      const state = await sessionNamed(runtime.store, positionals[0]!);
      const { id, workspace } = state;
      requireWorkspace(state, `take the patch elsewhere: ao changes ${id} > changes.patch`);
      const landed = await runtime.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user" });
      if (!landed.ok) throw new CommandError(landed.error.message, exit.failed);
      const { files, conflicts } = landed.value;
      if (conflicts.length > 0) {
        throw new CommandError(
          `nothing was written: you changed the same places in ${conflicts.join(", ")}. Look at "ao changes ${id}", settle them, then run "ao apply ${id}" again.`,
          exit.waiting,
        );
      }
      io.out(`Applied ${counted(files.length, "file")} to ${workspace}: ${files.join(", ")}`);
      return exit.done;
    }),
};

export const discardCommand: Command = {
  name: "discard",
  args: "SESSION",
  summary: "Refuse a session's changes; your files stay as they are",
  options: {},
  arity: [1, 1],
  run: ({ positionals, io }) =>
    withRuntime(io, {}, async (runtime) => {
      const { id } = await sessionNamed(runtime.store, positionals[0]!);
      const discarded = await runtime.engine.dispatch({ type: "changes.discard", sessionId: id, by: "user" });
      if (!discarded.ok) throw new CommandError(discarded.error.message, exit.failed);
      io.out(`Discarded the changes to ${counted(discarded.value.files.length, "file")}; the record of the session stays.`);
      return exit.done;
    }),
};
