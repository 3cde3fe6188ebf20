// `ao commit SESSION`: what a session took into the user's files as a commit in their own repository.

import type { Command } from "../command.ts";
import { jsonOption, text } from "../command.ts";
import { counted, fileNames } from "../format.ts";
import { requireWorkspace, sessionNamed, withRuntime } from "../open.ts";
import { CommandError, exit } from "../usage.ts";

export const commitCommand: Command = {
  name: "commit",
  args: "SESSION [-m MESSAGE] [--branch NAME] [--no-trailers] [--notes] [--dry-run] [--json]",
  summary: "Commit what a session changed in your files, and nothing else of yours; no hook or other program of the repository is run",
  options: {
    message: { type: "string", short: "m", value: "MESSAGE", describe: "instead of the message drafted from the record" },
    branch: {
      type: "string",
      value: "NAME",
      describe: "a new branch at HEAD; the present one, the index and the files stay as they are (also for a result that waits)",
    },
    trailers: { type: "boolean", describe: "say at the end who helped and what was checked (as it is without this option)" },
    "no-trailers": { type: "boolean", describe: "leave that out" },
    notes: { type: "boolean", describe: "put an Agent Trace record beside the commit (git notes --ref agent-trace)" },
    "dry-run": { type: "boolean", describe: "only print the message, to commit with your hooks: … --dry-run | git commit -F -" },
    json: jsonOption,
  },
  arity: [1, 1],
  run: ({ positionals, values, io }) =>
    withRuntime(io, {}, async (runtime) => {
      const state = await sessionNamed(runtime.store, positionals[0]!);
      requireWorkspace(state, `take the patch elsewhere: ao changes ${state.id} > changes.patch`);
      const [message, branch, dryRun] = [text(values, "message"), text(values, "branch"), values["dry-run"] === true];
      if (message?.trim() === "") throw new CommandError("the message is empty; leave -m out for the drafted one");
      const done = await runtime.engine.dispatch({
        type: "changes.commit",
        sessionId: state.id,
        by: "user",
        ...(message === undefined ? {} : { message }),
        ...(branch === undefined ? {} : { branch }),
        trailers: values["no-trailers"] !== true,
        notes: values["notes"] === true,
        dryRun,
      });
      if (!done.ok) throw new CommandError(done.error.message, exit.failed);
      const { commit, branch: on, files, message: said, remarks } = done.value;
      if (values["json"]) io.out(JSON.stringify(done.value));
      else if (dryRun) io.out(said.trimEnd());
      else {
        io.out(`Committed ${counted(files.length, "file")} on ${on} as ${commit?.slice(0, 10)}: ${fileNames(files)}`);
        io.out("No hook of the repository was run.");
      }
      if (!values["json"]) for (const remark of remarks) io.err(`ao: ${remark}`);
      return exit.done;
    }),
};
