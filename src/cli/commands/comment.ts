// `ao comment`: what a person says of lines of a session's result goes back to the agents that wrote them.

import { relative, resolve, sep } from "node:path";
import type { LineComment } from "../../protocol/events.ts";
import type { SessionState } from "../../protocol/state.ts";
import type { Command, Io } from "../command.ts";
import { isAttended, requireWorkspace, sessionNamed, withRuntime, withStore } from "../open.ts";
import { CommandError } from "../usage.ts";
import { watchRun } from "../watchRun.ts";

export const commentCommand: Command = {
  name: "comment",
  args: "SESSION FILE:LINE[-LINE] TEXT [FILE:LINE TEXT …]",
  summary: "Send comments on lines of a session's result, or of your files once it is applied, to the agents that wrote them",
  options: { json: { type: "boolean", describe: "one event per line" } },
  arity: [3, Infinity],
  run: async ({ positionals: [named, ...said], values, io }) => {
    const json = values["json"] === true;
    const attended = isAttended(io) && !json;
    const target = await withStore(io, async (store) => sessionNamed(store, named!));
    requireWorkspace(target, 'begin anew elsewhere with: ao run "GOAL" --workspace DIR');
    const comments = commentsIn(said, target, io);
    const command = { type: "changes.comment" as const, sessionId: target.id, comments, by: "user" };
    return withRuntime(io, { workspace: target.workspace, attended }, (runtime) => watchRun(runtime, io, command, { json, attended }));
  },
};

function commentsIn(said: string[], state: SessionState, io: Io): LineComment[] {
  if (said.length % 2 !== 0) throw new CommandError(`each FILE:LINE needs a TEXT after it; "${said.at(-1)}" has none`);
  return Array.from({ length: said.length / 2 }, (_, i) => commentOf(said[2 * i]!, said[2 * i + 1]!, state, io));
}

function commentOf(place: string, text: string, state: SessionState, io: Io): LineComment {
  const [, name, line, end] = /^(.+):(\d+)(?:-(\d+))?$/.exec(place) ?? [];
  if (name === undefined) throw new CommandError(`"${place}" names no line; write it as FILE:LINE or FILE:LINE-LINE`);
  return { path: pathOf(name, state, io), line: Number(line), ...(end === undefined ? {} : { endLine: Number(end) }), text };
}

/** As the list of changes names it, else as it is seen from the present folder, where that is in the workspace. */
function pathOf(name: string, { workspace, landing }: SessionState, io: Io): string {
  const fromHere = relative(workspace, resolve(io.cwd, name)).split(sep).join("/");
  const listed = [name, fromHere].find((one) => landing?.files.some(({ path }) => path === one));
  return listed ?? (fromHere.startsWith("../") ? name : fromHere);
}
