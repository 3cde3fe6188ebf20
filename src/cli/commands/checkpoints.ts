// `ao checkpoints`, `ao rollback`: the named places of a session, the way back to those that were the user's own files, and
// the undoing of one agent's work.

import type { RollbackPart } from "../../protocol/events.ts";
import type { StorePort } from "../../core/ports.ts";
import type { SessionId, TaskId } from "../../protocol/ids.ts";
import type { Checkpoint, SessionState } from "../../protocol/state.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Command, Io } from "../command.ts";
import { jsonOption, text } from "../command.ts";
import { counted, fileNames, visible } from "../format.ts";
import { requireWorkspace, sessionNamed, withRuntime, withStore } from "../open.ts";
import { CommandError, exit, refusal } from "../usage.ts";

export const checkpointsCommand: Command = {
  name: "checkpoints",
  args: "SESSION [--all] [--json]",
  summary: "List the places to which a session can be taken back, the newest last",
  options: { all: { type: "boolean", describe: "those inside of work that was never in your files as well" }, json: jsonOption },
  arity: [1, 1],
  run: ({ positionals, values, io }) =>
    withStore(io, async (store) => {
      const { id, checkpoints } = await sessionNamed(store, positionals[0]!);
      const shown = values["all"] ? checkpoints : checkpoints.filter(({ from }) => !from);
      if (values["json"]) io.out(JSON.stringify(checkpoints));
      else if (checkpoints.length === 0) io.out(`Session ${id} has touched no files.`);
      else for (const one of shown) io.out(await lineOf(store, id, one));
      return exit.done;
    }),
};

async function lineOf(store: Pick<StorePort, "read">, id: SessionId, { checkpointId, name, from, seq }: Checkpoint): Promise<string> {
  const [event] = await store.read(id, { after: seq - 1, limit: 1 });
  const when = event === undefined ? "" : `  (${new Date(event.timestamp).toLocaleString("sv").slice(0, 16)})`;
  // Ways back over ways back: the first and the last of them say enough.
  const plain = name.replace(/^(before: going back to )(?:before: going back to )+/, "$1… ");
  return `${checkpointId}  ${visible(from ? `in work: ${plain} (never in your files: no way back)` : plain)}${when}`;
}

export const rollbackCommand: Command = {
  name: "rollback",
  args: "SESSION --to CHECKPOINT | --agent AGENT | --task TASK",
  summary: "Take a session back to a checkpoint, or undo what one agent did; what you edited stays",
  options: {
    to: {
      type: "string",
      value: "CHECKPOINT",
      describe: "your files, and what the session knows, as they were; one of: ao checkpoints SESSION",
    },
    only: { type: "string", value: "PART", describe: "with --to: files (the session still knows what it did), or state (the files stay)" },
    agent: { type: "string", value: "AGENT", describe: "undo what this agent and those below it did, and nothing else" },
    task: { type: "string", value: "TASK", describe: "the same for one task; see: ao trace SESSION --tasks" },
    again: { type: "boolean", describe: "with --agent or --task: put back what was undone" },
  },
  arity: [1, 1],
  run: ({ positionals, values, io }) =>
    withRuntime(io, {}, async (runtime) => {
      const state = await sessionNamed(runtime.store, positionals[0]!);
      const [to, agent, task] = [text(values, "to"), text(values, "agent"), text(values, "task")];
      if ([to, agent, task].filter((one) => one !== undefined).length !== 1)
        throw new CommandError(`"ao rollback" needs one of --to CHECKPOINT, --agent AGENT, --task TASK; see: ao checkpoints ${state.id}`);
      if (to !== undefined && values["again"]) throw new CommandError("--again goes with --agent or --task: it puts back what these undid");
      if (to === undefined && values["only"] !== undefined) throw new CommandError("--only goes with --to");
      requireWorkspace(state, "begin a new session where the files are now");
      return to === undefined
        ? undo(runtime, state, agent === undefined ? { taskId: task as TaskId } : { agent }, values["again"] === true, io)
        : goBack(runtime, state, to, partOf(text(values, "only")), io);
    }),
};

function partOf(only: string | undefined): { what?: RollbackPart } {
  if (only === undefined) return {};
  if (only === "files" || only === "state") return { what: only };
  throw new CommandError('--only is "files" or "state"; without it both are taken back');
}

async function goBack(runtime: Runtime, state: SessionState, to: string, part: { what?: RollbackPart }, io: Io): Promise<number> {
  const { id, workspace } = state;
  const target = state.checkpoints.find((one) => one.checkpointId === to);
  if (!target) throw new CommandError(`there is no checkpoint "${to}" in session ${id}; see: ao checkpoints ${id}`);
  const rolled = await runtime.engine.dispatch({ type: "session.rollback", sessionId: id, to: target.checkpointId, ...part, by: "user" });
  if (!rolled.ok) throw refusal(rolled.error);
  const { files, conflicts } = rolled.value;
  if (conflicts.length > 0) throw new CommandError(clash(conflicts), exit.failed);
  const now = await runtime.engine.state(id);
  const undoing = now?.checkpoints.at(-1);
  if (undoing === undefined || undoing.seq <= state.seq) {
    io.out("Nothing is to be taken back: there is nothing later of this session.");
    return exit.done;
  }
  if (files.length > 0) io.out(`Took back ${counted(files.length, "file")} in ${workspace}: ${fileNames(files)}`);
  else if (part.what !== "state") io.out("Your files hold no later changes of this session.");
  const known = (now?.history.length ?? 0) - state.history.length;
  if (known > 0) io.out("Later prompts know again of what was asked and done.");
  else if (known < 0 || (state.landing && !now?.landing)) io.out("Later prompts know nothing of what was asked and done since then.");
  if (state.landing && !now?.landing) io.out("What waited to be applied is put aside; undoing this brings it back.");
  if (!state.landing && now?.landing) io.out(`What was put aside waits again: ao changes ${id}`);
  io.out(`Undo it with: ao rollback ${id} --to ${undoing.checkpointId}`);
  return exit.done;
}

function clash(conflicts: string[]): string {
  return `nothing was changed: you changed the same places in ${fileNames(conflicts)}. Settle them, then run it again.`;
}

type Whose = { agent: string } | { taskId: TaskId };

async function undo(runtime: Runtime, { id, workspace }: SessionState, of: Whose, again: boolean, io: Io): Promise<number> {
  const done = await runtime.engine.dispatch({ type: "work.undo", sessionId: id, of, ...(again ? { again } : {}), by: "user" });
  if (!done.ok) throw refusal(done.error);
  const { files, conflicts, proposed } = done.value;
  const where = proposed ? "what waits to be applied" : workspace;
  if (conflicts.length > 0) {
    const why = `later changes, yours or other agents', are in the same places of ${fileNames(conflicts)}`;
    throw new CommandError(`nothing was changed: ${why}. Undo those first, or take all back: ao checkpoints ${id}`, exit.failed);
  }
  if (files.length === 0) io.out(`Nothing was changed: ${where} holds nothing of that work${again ? " that is missing" : ""}.`);
  else {
    io.out(`${again ? "Put back into" : "Taken out of"} ${where}: ${fileNames(files)}`);
    const name = "agent" in of ? `--agent ${of.agent}` : `--task ${of.taskId}`;
    io.out(again ? `Undo it again with: ao rollback ${id} ${name}` : `Undo it with: ao rollback ${id} ${name} --again`);
    if (proposed) io.out(`See what is left: ao changes ${id}`);
  }
  return exit.done;
}
