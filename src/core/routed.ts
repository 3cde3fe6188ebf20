// One specialist, one sub-agent: code chooses by language or focus and reads the step's files through MCP first.

import type { AgentDefinition } from "../protocol/agents.ts";
import type { TaskId } from "../protocol/ids.ts";
import { runChild } from "./children.ts";
import { callByCode } from "./codeCalls.ts";
import { type Section, section, type TaskInput } from "./context.ts";
import { subAgentsFor } from "./routing.ts";
import { type Run, taskOf } from "./run.ts";
import { failedEnd, type TaskEnd } from "./taskEnd.ts";

const mostFilesRead = 8;

/** Hands the task on to the one sub-agent that fits, with the files of the step already read. */
export async function runRouted(run: Run, taskId: TaskId, agent: AgentDefinition, signal: AbortSignal): Promise<TaskEnd> {
  const task = taskOf(run, taskId);
  const input = task.input as TaskInput;
  const [chosen] = subAgentsFor(run.ports.registry, agent, { goal: task.goal, ...(input.language ? { language: input.language } : {}) });
  if (!chosen) return failedEnd(`${agent.id} has no enabled sub-agent for this task`);
  const read = await readFiles(run, taskId, agent, input.files ?? [], signal);
  const sections = [...(input.sections ?? []), ...read];
  const { files: _read, ...rest } = input;
  return runChild(
    run,
    taskId,
    {
      key: chosen.id,
      agent: chosen,
      goal: task.goal,
      input: { ...rest, sections },
      kind: "delegate",
      writable: task.writable,
      siblings: 1,
    },
    signal,
  );
}

async function readFiles(run: Run, taskId: TaskId, agent: AgentDefinition, files: string[], signal: AbortSignal): Promise<Section[]> {
  const plain = files.filter((file) => !/[*?{[]/.test(file)).slice(0, mostFilesRead);
  const sections: Section[] = [];
  for (const path of plain) {
    const result = await callByCode(run, taskId, agent, "filesystem__read_file", { path }, signal);
    if (result.ok) sections.push(await section(run.ports.store, `File ${path}`, result.content));
  }
  return sections;
}
