// `ao export`, `ao import`: a session as one file, to be read, or gone on with, elsewhere.

import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { isUnderWay } from "../../core/forkPlace.ts";
import { dataDirOf } from "../../runtime/places.ts";
import { messageOf } from "../../protocol/result.ts";
import type { Command } from "../command.ts";
import { jsonOption, text } from "../command.ts";
import { counted, fileNames } from "../format.ts";
import { existingWorkspaceOf, sessionNamed, withRuntime, withStore } from "../open.ts";
import { CommandError, exit, refusal } from "../usage.ts";

export const exportCommand: Command = {
  name: "export",
  args: "SESSION [--out FILE] [--json]",
  summary: "Write a session with its files to one .aosession file, for another machine",
  options: {
    out: {
      type: "string",
      value: "FILE",
      describe: "where to (default: SESSION.aosession in this folder); one that is there is not replaced",
    },
    json: jsonOption,
  },
  arity: [1, 1],
  run: ({ positionals, values, io }) =>
    withStore(io, async (store) => {
      const state = await sessionNamed(store, positionals[0]!);
      const file = resolve(io.cwd, text(values, "out") ?? `${state.id}.aosession`);
      if (existsSync(file)) throw new CommandError(`${file} exists already; name another with --out FILE`);
      const { exportSession } = await import("../../runtime/bundle/exportSession.ts");
      const done = await exportSession({ store, dataDir: dataDirOf(io.env) }, state, file).catch((error: unknown) => {
        throw new CommandError(`${file} could not be written: ${messageOf(error)}`, exit.failed);
      });
      if (values["json"]) io.out(JSON.stringify({ sessionId: state.id, ...done, bytes: statSync(file).size }));
      else {
        io.out(file);
        const held = [counted(done.events, "event"), counted(done.artifacts, "artifact"), counted(done.snapshots, "snapshot")];
        io.err(`It holds ${held.join(", ")}: all that the agents read and wrote. Secrets that were known are not in it.`);
      }
      return exit.done;
    }),
};

export const importCommand: Command = {
  name: "import",
  args: "FILE [--workspace DIR] [--json]",
  summary: "Take a session in out of an .aosession file; prints its id",
  options: {
    workspace: {
      type: "string",
      value: "DIR",
      describe: "the folder in which it may go on here (without it, it can be read and forked only)",
    },
    json: jsonOption,
  },
  arity: [1, 1],
  run: async ({ positionals, values, io }) => {
    const file = resolve(io.cwd, positionals[0]!);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new CommandError(`there is no file ${fileNames([file])}`);
    const workspace = text(values, "workspace") === undefined ? undefined : existingWorkspaceOf({ values, io });
    return withRuntime(io, workspace === undefined ? {} : { workspace }, async (runtime) => {
      const taken = await runtime.importSession(file, workspace);
      if (!taken.ok) throw refusal(taken.error);
      const { sessionId, known, renamed, state } = taken.value;
      if (values["json"]) {
        io.out(JSON.stringify({ sessionId, known, renamed, from: state.imported?.from ?? sessionId }));
        return exit.done;
      }
      io.out(sessionId);
      if (known) io.err("It is here already.");
      else if (renamed) io.err(`Another session here has the id ${state.imported?.from}, so that this one got a new one.`);
      const ways = [`ao trace ${sessionId}`, `ao changes ${sessionId}`];
      const on = isUnderWay(state) ? `ao resume ${sessionId}` : `ao resume ${sessionId} -p "YOUR PROMPT"`;
      io.err(`Look at it with: ${[...ways, ...(workspace === undefined || known ? [] : [on])].join(" · ")}`);
      return exit.done;
    });
  },
};
