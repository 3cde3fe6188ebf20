// `ao fork`: another session that begins with the record of one.

import type { Command } from "../command.ts";
import { jsonOption, text } from "../command.ts";
import { sessionNamed, withRuntime } from "../open.ts";
import { CommandError, exit, refusal } from "../usage.ts";

export const forkCommand: Command = {
  name: "fork",
  args: "SESSION [--at SEQ] [--name NAME] [--json]",
  summary: "Begin another session with the record of this one; prints its id",
  options: {
    at: { type: "string", value: "SEQ", describe: "the end of a run, or 1 for the beginning (default: the newest end of a run)" },
    name: { type: "string", value: "NAME", describe: 'its name (default: the source\'s with "(fork)")' },
    json: jsonOption,
  },
  arity: [1, 1],
  run: ({ positionals, values, io }) =>
    withRuntime(io, {}, async (runtime) => {
      const { id } = await sessionNamed(runtime.store, positionals[0]!);
      const [at, name] = [text(values, "at"), text(values, "name")];
      if (at !== undefined && !/^\d+$/.test(at)) throw new CommandError(`--at is the number of an event, not "${at}"; see: ao trace ${id}`);
      if (name !== undefined && !name.trim()) throw new CommandError("--name needs a name");
      const forked = await runtime.engine.dispatch({
        type: "session.fork",
        sessionId: id,
        ...(at === undefined ? {} : { at: Number(at) }),
        ...(name === undefined ? {} : { name }),
      });
      if (!forked.ok) throw refusal(forked.error);
      const { sessionId } = forked.value;
      io.out(values["json"] ? JSON.stringify({ sessionId, forkedFrom: id }) : sessionId);
      if (!values["json"]) io.err(`Go on with: ao resume ${sessionId} -p "YOUR PROMPT"`);
      return exit.done;
    }),
};
