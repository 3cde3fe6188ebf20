// `ao resume`: goes on with a session that was cut off or waits, or gives it a new prompt.

import type { Command } from "../command.ts";
import { text, workspaceOption } from "../command.ts";
import { isAttended, requireWorkspace, sessionNamed, withRuntime, withStore, workspaceOf } from "../open.ts";
import { yesToOf, yesToOption } from "../rules.ts";
import { CommandError } from "../usage.ts";
import { watchRun } from "../watchRun.ts";
import { levelOf, levelOption } from "./levels.ts";
import { budgetOf } from "./run.ts";

export const resumeCommand: Command = {
  name: "resume",
  args: "[SESSION | --last] [-p PROMPT]",
  summary: "Go on with a session; its model, level and budget are remembered",
  options: {
    last: { type: "boolean", describe: "the newest session of this folder" },
    prompt: { type: "string", short: "p", value: "PROMPT", describe: "a new prompt instead of going on" },
    workspace: workspaceOption,
    level: levelOption,
    "yes-to": yesToOption,
    "budget-usd": { type: "string", value: "N", describe: "a new limit for what the run may cost" },
    "take-over": { type: "boolean", describe: "also from another program that has it and hangs; nothing more is done there" },
    json: { type: "boolean", describe: "one event per line" },
  },
  arity: [0, 1],
  run: async (invocation) => {
    const { values, io, positionals } = invocation;
    const attended = isAttended(io) && !values["json"];
    const named = positionals[0];
    if (named === undefined && !values["last"])
      throw new CommandError("name a session, or use --last for the newest one of this folder; see: ao list");
    const target = await withStore(io, async (store) => {
      if (named !== undefined) return sessionNamed(store, named);
      const workspace = workspaceOf(invocation);
      // One may have been begun for this folder alone, in a repository.
      const places = [...new Set([workspace, ...(values["workspace"] === undefined ? [io.cwd] : [])])];
      const [newest] = (await Promise.all(places.map((place) => store.listSessions({ workspace: place, limit: 1 }))))
        .flat()
        .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
      if (!newest) throw new CommandError(`there is no session of ${workspace}; see: ao list`);
      return sessionNamed(store, newest.id);
    });
    requireWorkspace(target, 'begin anew elsewhere with: ao run "GOAL" --workspace DIR');
    const yesTo = await yesToOf(values, io.env, target.workspace);
    const level = levelOf(values);
    const budgetUsd = budgetOf(values);
    const prompt = text(values, "prompt");
    const command = {
      sessionId: target.id,
      ...(prompt === undefined ? {} : { prompt }),
      ...(level ? { level } : {}),
      ...(budgetUsd === undefined ? {} : { budgetUsd }),
      yesTo,
      ...(values["take-over"] ? { takeOver: true } : {}),
    };
    return withRuntime(io, { workspace: target.workspace, attended }, (runtime) =>
      watchRun(runtime, io, command, { json: values["json"] === true, attended }),
    );
  },
};
