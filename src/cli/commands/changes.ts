// `ao changes`, `ao apply`, `ao discard`: a session's result, before and when it goes into the user's tree.

import { relative, resolve, sep } from "node:path";
import { decodeUtf8 } from "../../core/context.ts";
import type { ChangePart } from "../../protocol/events.ts";
import type { SessionState } from "../../protocol/state.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Command, Io } from "../command.ts";
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
        io.out(
          JSON.stringify({
            sessionId: id,
            files: landing?.files ?? [],
            decision: landing?.decision ?? (landing ? "pending" : null),
            parts: landing?.parts ?? [],
          }),
        );
      else if (!landing) io.out(`Session ${id} changed no files.`);
      else if (values["stat"]) for (const line of fileLines(landing.files)) io.out(line);
      else if (landing.patch) io.out(decodeUtf8((await store.getArtifact(landing.patch.hash)) ?? new Uint8Array()));
      return exit.done;
    }),
};

export const applyCommand: Command = {
  name: "apply",
  args: "SESSION [FILE…]",
  summary: "Take a session's changes into your files, all or only those to the files named",
  options: {},
  arity: [1, Infinity],
  run: ({ positionals, io }) =>
    withRuntime(io, {}, async (runtime) => {
      const state = await sessionNamed(runtime.store, positionals[0]!);
      const { id, workspace } = state;
      requireWorkspace(state, `take the patch elsewhere: ao changes ${id} > changes.patch`);
      const landed = await runtime.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user", ...only(positionals, state, io) });
      if (!landed.ok) throw new CommandError(landed.error.message, exit.failed);
      const { files, conflicts } = landed.value;
      if (conflicts.length > 0) {
        throw new CommandError(
          `nothing was written: you changed the same places in ${conflicts.join(", ")}. Look at "ao changes ${id}", settle them, then run "ao apply ${id}" again.`,
          exit.waiting,
        );
      }
      io.out(`Applied ${counted(files.length, "file")} to ${workspace}: ${files.join(", ")}`);
      await sayOpen(runtime, id, io);
      return exit.done;
    }),
};

export const discardCommand: Command = {
  name: "discard",
  args: "SESSION [FILE…]",
  summary: "Refuse a session's changes, all or only those to the files named; your files stay as they are",
  options: {},
  arity: [1, Infinity],
  run: ({ positionals, io }) =>
    withRuntime(io, {}, async (runtime) => {
      const state = await sessionNamed(runtime.store, positionals[0]!);
      const { id } = state;
      const discarded = await runtime.engine.dispatch({
        type: "changes.discard",
        sessionId: id,
        by: "user",
        ...only(positionals, state, io),
      });
      if (!discarded.ok) throw new CommandError(discarded.error.message, exit.failed);
      io.out(`Discarded the changes to ${counted(discarded.value.files.length, "file")}; the record of the session stays.`);
      await sayOpen(runtime, id, io);
      return exit.done;
    }),
};

/** Files as the list of changes names them, or as they are named from the present folder. */
function only([, ...named]: string[], { landing, workspace }: SessionState, io: Io): { only?: ChangePart[] } {
  if (named.length === 0) return {};
  const known = new Set(landing?.files.map((file) => file.path));
  const fromHere = (name: string): string => relative(workspace, resolve(io.cwd, name)).split(sep).join("/");
  return { only: named.map((name) => ({ path: known.has(name) ? name : fromHere(name) })) };
}

async function sayOpen(runtime: Runtime, sessionId: string, io: Io): Promise<void> {
  const landing = (await runtime.engine.state(sessionId))?.landing;
  if (landing?.unproven)
    io.out("Unproven: the checks passed on the whole result; they were not run on the parts that your files hold now.");
  if (landing?.decision !== "applied" && landing?.decision !== "discarded")
    io.out(`The other changes still wait: ao apply ${sessionId}, ao discard ${sessionId}`);
}
