// `ao trace SESSION`: the record as a tree with every turn, call, handoff, review, fix round and figure, or as JSON lines.

import type { TraceEvent } from "../../protocol/events.ts";
import type { SessionState } from "../../protocol/state.ts";
import type { Command, Io } from "../command.ts";
import { text } from "../command.ts";
import { cost, tokens } from "../format.ts";
import { sessionNamed, withStore } from "../open.ts";
import { eventLine } from "../render/eventLine.ts";
import { drawTree, rootTasks, taskLine } from "../render/tree.ts";
import { CommandError, exit } from "../usage.ts";

const formats = ["tree", "jsonl"];

export const traceCommand: Command = {
  name: "trace",
  args: "SESSION [--format tree|jsonl]",
  summary: "Print the whole record of a session",
  options: {
    format: { type: "string", value: "FORMAT", describe: "tree (default) or jsonl, one event per line" },
    json: { type: "boolean", describe: "the same as --format jsonl" },
  },
  arity: [1, 1],
  run: async ({ positionals, values, io }) => {
    const format = values["json"] ? "jsonl" : (text(values, "format") ?? "tree");
    if (!formats.includes(format)) throw new CommandError(`--format is ${formats.join(" or ")}, not "${format}"`);
    return withStore(io, async (store) => {
      const state = await sessionNamed(store, positionals[0]!);
      const events = await store.read(state.id, {});
      if (format === "jsonl") for (const event of events) io.out(JSON.stringify(event));
      else printTree(io, state, events);
      return exit.done;
    });
  },
};

function printTree(io: Io, state: SessionState, events: TraceEvent[]): void {
  const colour = io.stdout.isTTY && !io.env["NO_COLOR"];
  const byTask = Map.groupBy(events, (event) => event.taskId);
  for (const event of byTask.get(undefined) ?? []) print(io, event, state, "");
  for (const root of rootTasks(state)) {
    io.out("");
    for (const { task, prefix, below } of drawTree(state, root)) {
      io.out(`${prefix}${taskLine(state, task, { colour, width: 160 })}`);
      for (const event of byTask.get(task.id) ?? []) print(io, event, state, `${below}   `);
    }
  }
  io.out(`\nTotal: ${tokens(state.usage)}, ${cost(state.costUsd, state.costUnknown)}, ${state.turns} turns, ${events.length} events`);
}

function print(io: Io, event: TraceEvent, state: SessionState, indent: string): void {
  const line = eventLine(event, state);
  if (line !== undefined) io.out(`${indent}${String(event.seq).padStart(4)} ${line}`);
}
