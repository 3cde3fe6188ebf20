// `ao state SESSION`: what a session was at any of its events, or what one of its agents knew there.

import { type AgentState, conversationText, loadAgentState, stateAt } from "../../core/agentState.ts";
import { standingOf } from "../../protocol/landed.ts";
import { pendingApprovals, pendingInterrupts, type SessionState } from "../../protocol/state.ts";
import type { Command, Io } from "../command.ts";
import { jsonOption, text } from "../command.ts";
import { cost, counted, fileNames, oneLine, sayAmounts, shortArguments, tokens, visible } from "../format.ts";
import { sessionNamed, withRuntime, withStore } from "../open.ts";
import { modelLabel } from "../render/eventLine.ts";
import { drawTree, rootTasks, taskLine } from "../render/tree.ts";
import { CommandError, exit } from "../usage.ts";

export const stateCommand: Command = {
  name: "state",
  args: "SESSION [--at SEQ] [--agent AGENT] [--json]",
  summary: "Show what a session was at any of its events: tasks, plan, questions, cost, files; or what one agent knew",
  options: {
    at: { type: "string", value: "SEQ", describe: "the last event that counts; see: ao trace SESSION (default: the newest)" },
    agent: { type: "string", value: "AGENT", describe: "an agent, a step or a task: its instructions, task and conversation" },
    json: { ...jsonOption, describe: "print all of it as JSON" },
  },
  arity: [1, 1],
  run: async ({ positionals, values, io }) => {
    const json = values["json"] === true;
    const agent = text(values, "agent");
    const asked = text(values, "at");
    if (asked !== undefined && !/^[1-9]\d*$/.test(asked)) throw new CommandError(`--at is the number of an event, not "${asked}"`);
    return withStore(io, async (store) => {
      const { id, seq, workspace } = await sessionNamed(store, positionals[0]!);
      const at = Number(asked ?? seq);
      if (at > seq) throw new CommandError(`session ${id} has ${counted(seq, "event")}, and no ${at}`);
      if (agent === undefined) {
        const state = (await stateAt({ store }, id, at))!;
        if (json) io.out(JSON.stringify(state));
        else for (const line of stateLines(state, seq, io)) io.out(line);
        return exit.done;
      }
      const known = await withRuntime(io, { workspace }, ({ registry }) =>
        loadAgentState({ store, registry }, { sessionId: id, agent, at }),
      );
      if (!known)
        throw new CommandError(`at ${at} there is no agent, step or task "${agent}" in session ${id}; see: ao state ${id} --at ${at}`);
      if (json) io.out(JSON.stringify(known));
      else for (const line of agentLines(known)) io.out(line);
      return exit.done;
    });
  },
};

function stateLines(state: SessionState, newest: number, { colour, stdout }: Io): string[] {
  const { id, seq, status, run, config, goal, workspace, updatedAt, forkedFrom } = state;
  const { usd, tokens: most, turns } = config.budget;
  const width = stdout.isTTY ? stdout.columns : 100;
  const lines = [
    `Session ${id} at event ${seq} of ${newest}: ${status}`,
    `Time:   ${updatedAt}`,
    `Goal:   ${oneLine(run?.prompt ?? goal, width - 8)}`,
    `Folder: ${visible(workspace)}`,
    `Model:  ${modelLabel(config.model)}, level ${config.level}, workflow ${run?.workflow.id ?? config.workflow}`,
    `Spent:  ${tokens(state.usage)}, ${cost(state.costUsd, state.costUnknown)}, ${counted(state.turns, "turn")}; a run may take ${sayAmounts({ usd, tokens: most, turns })}`,
  ];
  if (forkedFrom) lines.push(`Fork:   of ${forkedFrom.sessionId} at ${forkedFrom.seq}`);
  lines.push(...planLines(state), ...taskLines(state, { colour, width }), ...openLines(state, width), ...fileLines(state));
  return lines;
}

function planLines({ run }: SessionState): string[] {
  const plan = run?.plan ?? [];
  return plan.length === 0 ? [] : ["", `Plan:   ${plan.map((step) => `${step.id} (${step.status})`).join(" → ")}`];
}

function taskLines(state: SessionState, look: { colour: boolean; width: number }): string[] {
  const nowMs = Date.parse(state.updatedAt);
  const all = rootTasks(state).flatMap((root) =>
    drawTree(state, root).map(
      ({ task, prefix }) => `${prefix}${taskLine(state, task, { ...look, width: look.width - prefix.length, nowMs })}`,
    ),
  );
  return all.length === 0 ? [] : ["", ...all];
}

function openLines(state: SessionState, width: number): string[] {
  const asked = pendingApprovals(state).map(({ approvalId, kind, tool, arguments: args }) =>
    kind === "landing" ? `Asks:   ${approvalId}: the changes` : `Asks:   ${approvalId}: ${tool} ${shortArguments(args, width - 40)}`,
  );
  const questions = pendingInterrupts(state).map(({ interruptId, text: words }) => `Asks:   ${interruptId}: ${oneLine(words, width - 24)}`);
  return asked.length + questions.length === 0 ? [] : ["", ...asked, ...questions];
}

function fileLines(state: SessionState): string[] {
  const { landing, tasks } = state;
  const work = [...new Set(Object.values(tasks).flatMap(({ changed = [], written = [] }) => [...changed, ...written]))].toSorted();
  if (landing) return ["", `Files:  ${fileNames(landing.files.map(({ path }) => path))} (${standingOf(state)})`];
  return work.length === 0 ? [] : ["", `Files:  ${fileNames(work)} (in the tasks' folders)`];
}

function agentLines(state: AgentState): string[] {
  const { agent, taskId, status, timestamp, sessionId, history, context } = state;
  return [
    `${agent} (${taskId}) of session ${sessionId}: ${status} · ${timestamp} · ${counted(history.length, "event")}`,
    ...(context.system === undefined ? [] : ["", "── instructions, as they are now", visible(context.system)]),
    "",
    visible(conversationText(state)),
  ];
}
