// `ao trace SESSION`: the record as a tree with every turn, call, handoff, review, fix round and figure, or as JSON lines.

import type { TraceEvent } from "../../protocol/events.ts";
import type { SessionState } from "../../protocol/state.ts";
import { dataDirOf } from "../../runtime/places.ts";
import type { Command, Io } from "../command.ts";
import { text } from "../command.ts";
import { cost, counted, tokens } from "../format.ts";
import { sessionNamed, withStore } from "../open.ts";
import { eventLine } from "../render/eventLine.ts";
import { drawTree, rootTasks, taskLine } from "../render/tree.ts";
import { CommandError, exit } from "../usage.ts";

const formats = ["tree", "jsonl", "agent-trace"];

export const traceCommand: Command = {
  name: "trace",
  args: "SESSION [--tasks] [--format tree|jsonl|agent-trace | --json]",
  summary: "Print the whole record of a session",
  options: {
    tasks: { type: "boolean", describe: "only the tree of tasks with their figures" },
    format: {
      type: "string",
      value: "FORMAT",
      describe: "tree (default); jsonl, one event per line; agent-trace, who wrote which lines, for other programs",
    },
    json: { type: "boolean", describe: "the same as --format jsonl; with --tasks one task per line" },
  },
  arity: [1, 1],
  run: async ({ positionals, values, io }) => {
    const tasksOnly = values["tasks"] === true;
    if (values["json"] && ![undefined, "jsonl"].includes(text(values, "format")))
      throw new CommandError("--json is the same as --format jsonl: name one of them");
    const format = values["json"] ? "jsonl" : (text(values, "format") ?? "tree");
    if (!formats.includes(format))
      throw new CommandError(`--format is ${formats.slice(0, -1).join(", ")} or ${formats.at(-1)}, not "${format}"`);
    if (tasksOnly && format === "agent-trace") throw new CommandError("--tasks goes with --format tree or jsonl: agent-trace is of lines");
    return withStore(io, async (store) => {
      const state = await sessionNamed(store, positionals[0]!);
      if (format === "agent-trace") {
        const { agentTraces } = await import("../../runtime/agentTrace.ts");
        const records = await agentTraces({ store, dataDir: dataDirOf(io.env) }, state);
        for (const record of records) io.out(JSON.stringify(record));
        if (records.length === 0) io.err(`ao: no line of session ${state.id} is in the files of ${state.workspace}`);
        return exit.done;
      }
      if (tasksOnly && format === "jsonl") {
        for (const task of tasksOf(state)) io.out(JSON.stringify(task));
        return exit.done;
      }
      if (format === "jsonl") {
        const { traceLines, traceOf } = await import("../../runtime/traceFile.ts");
        for (const line of traceLines(await traceOf(store, state.id))) io.out(line);
      } else printTree(io, state, await store.read(state.id, {}), tasksOnly);
      return exit.done;
    });
  },
};

/** In the order of the tree. */
function tasksOf(state: SessionState): object[] {
  const tasks = rootTasks(state).flatMap((root) => drawTree(state, root).map(({ task }) => task));
  return tasks.map(({ id, parentId, stepId, assignedAgent, goal, status, reason, model, turns, usage, costUsd, costUnknown, ...rest }) => {
    const { startedAt, endedAt, changed, undone } = rest;
    const of = { taskId: id, parentId, stepId, agent: assignedAgent, goal, status, reason, model };
    return { ...of, turns, usage, costUsd: costUnknown ? null : costUsd, startedAt, endedAt, changed, undone };
  });
}

function printTree(io: Io, state: SessionState, events: TraceEvent[], tasksOnly: boolean): void {
  const { colour, stdout } = io;
  const across = stdout.isTTY ? stdout.columns : 160;
  const byTask = Map.groupBy(tasksOnly ? [] : events, (event) => event.taskId);
  for (const event of byTask.get(undefined) ?? []) print(io, event, state, "");
  for (const root of rootTasks(state)) {
    if (!tasksOnly) io.out("");
    for (const { task, prefix, below } of drawTree(state, root)) {
      io.out(`${prefix}${taskLine(state, task, { colour, width: across - prefix.length })}`);
      for (const event of byTask.get(task.id) ?? []) print(io, event, state, `${below}   `);
    }
  }
  io.out(
    `\nTotal: ${tokens(state.usage)}, ${cost(state.costUsd, state.costUnknown)}, ${counted(state.turns, "turn")}, ${counted(events.length, "event")}`,
  );
}

function print(io: Io, event: TraceEvent, state: SessionState, indent: string): void {
  const line = eventLine(event, state);
  if (line !== undefined) io.out(`${indent}${String(event.seq).padStart(4)} ${line}`);
}
