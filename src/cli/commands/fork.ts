// `ao fork`: another session that begins with the record of one, at any of its events, and may go on in another way.

import type { CommandAnswer, Commands } from "../../protocol/commands.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Command, Io, Values } from "../command.ts";
import { jsonOption, text } from "../command.ts";
import { isAttended, sessionNamed, withRuntime, withStore } from "../open.ts";
import { CommandError, exit, refusal } from "../usage.ts";
import { watchRun } from "../watchRun.ts";
import { levelOf, levelOption } from "./levels.ts";
import { budgetOf } from "./run.ts";

export const forkCommand: Command = {
  name: "fork",
  args: "SESSION [--at SEQ] [--say TEXT] [--model M] [--agent A] [--resume] [--json]",
  summary: "Begin another session with the record of this one up to any event, with its state and files; prints its id",
  options: {
    at: {
      type: "string",
      value: "SEQ",
      describe:
        "the last event that the fork has; see: ao trace SESSION (default: as it is now; of one that runs, where the run before ended)",
    },
    say: {
      type: "string",
      short: "p",
      value: "TEXT",
      describe: "what is heard next there: at the beginning the goal, in a run said to the team, between runs the next prompt",
    },
    model: { type: "string", value: "MODEL", describe: "provider:model for every agent from there on" },
    agent: { type: "string", value: "AGENT", describe: "the root agent of the next run; where no run is under way" },
    level: levelOption,
    "budget-usd": { type: "string", value: "N", describe: "a new limit for what a run may cost" },
    name: { type: "string", value: "NAME", describe: 'its name (default: the source\'s with "(fork)")' },
    resume: { type: "boolean", describe: "go on with it at once" },
    json: jsonOption,
  },
  arity: [1, 1],
  run: async ({ positionals, values, io }) => {
    const { id, workspace } = await withStore(io, (store) => sessionNamed(store, positionals[0]!));
    const how = howTo(values, id);
    const attended = isAttended(io) && !values["json"];
    return withRuntime(io, { workspace, attended }, async (runtime) => {
      const forked = await runtime.engine.dispatch({ type: "session.fork", sessionId: id, ...how });
      if (!forked.ok) throw refusal(forked.error);
      const { sessionId, at, moved } = forked.value;
      io.out(values["json"] ? JSON.stringify({ sessionId, forkedFrom: id, at, moved: moved ?? null }) : sessionId);
      if (moved !== undefined) io.err(`ao: the fork begins at ${at}: ${moved}`);
      return goOn(runtime, io, forked.value, { json: values["json"] === true, attended, resume: values["resume"] === true });
    });
  },
};

function howTo(values: Values, id: string): Omit<Commands["session.fork"], "sessionId"> {
  const [at, name, say, model, agent] = ["at", "name", "say", "model", "agent"].map((option) => text(values, option));
  if (at !== undefined && !/^\d+$/.test(at)) throw new CommandError(`--at is the number of an event, not "${at}"; see: ao trace ${id}`);
  if (name !== undefined && !name.trim()) throw new CommandError("--name needs a name");
  const [level, budgetUsd] = [levelOf(values), budgetOf(values)];
  return {
    ...(at === undefined ? {} : { at: Number(at) }),
    ...(name === undefined ? {} : { name }),
    ...(say === undefined ? {} : { say }),
    ...(model === undefined ? {} : { model }),
    ...(agent === undefined ? {} : { agent }),
    ...(level ? { level } : {}),
    ...(budgetUsd === undefined ? {} : { budgetUsd }),
  };
}

/** A prompt begins a run, so that it is made at once. */
async function goOn(
  runtime: Runtime,
  io: Io,
  { sessionId, prompt }: CommandAnswer["session.fork"],
  { resume, ...how }: { json: boolean; attended: boolean; resume: boolean },
): Promise<number> {
  if (resume || prompt !== undefined) return watchRun(runtime, io, { sessionId, ...(prompt === undefined ? {} : { prompt }) }, how);
  const state = await runtime.engine.state(sessionId);
  const ended = state?.run?.past !== undefined;
  if (!how.json) io.err(`Go on with: ao resume ${sessionId}${ended ? ' -p "YOUR PROMPT"' : ""}`);
  return exit.done;
}
