// What a step's agent is given besides its goal: the least that it needs (A7), as data of its task.

import type { PlanStep } from "../protocol/agents.ts";
import type { RunState, SessionState, StepState, TaskState } from "../protocol/state.ts";
import { describeResult, type Section, section, type TaskInput } from "./context.ts";
import { languageOfPaths } from "./routing.ts";
import { ownChecks, requiredOf } from "./projectChecks.ts";
import { pathsIn } from "./proportion.ts";
import { type Run, stateOf } from "./run.ts";

const longestDiff = 120_000;

export async function stepInput(run: Run, step: StepState, root: string): Promise<TaskInput> {
  const state = stateOf(run);
  const present = state.run!;
  const sections: Section[] = [];
  const add = async (title: string, body: string): Promise<void> =>
    void (body && sections.push(await section(run.ports.store, title, body)));
  sections.push(...(step.given ?? []));
  if (!step.given && present.plan!.length > 1 && step.goal !== present.prompt)
    await add("The user's goal, of which this is a part", present.prompt);
  sections.push(...earlierSections(state));
  await add("Results of the steps before", outcomesOf(state, step));
  if (step.about !== undefined) await add("What has to be mended", findingsOf(state, step));
  sections.push(...conflictOf(state, step));
  if (usesDiff(step)) await add("The change", await diffText(run));
  if (step.agent === "synthesis" || step.type === "synthesis") await add("The candidates", await candidatesText(run, step));
  if (step.candidate)
    sections.push({
      title: `candidate: ${step.id.split("-").at(-1)}`,
      text: "Solve it in your own way; another candidate is made beside yours.",
    });
  const checks = await ownChecks(run);
  const files = step.files ?? (step.id === "edit" ? pathsIn(step.goal) : []);
  const language = step.language ?? languageOfPaths(files) ?? (await run.ports.workspace.language(root));
  return {
    type: step.given && step.type === "test" ? "check" : step.type,
    ...(language === undefined ? {} : { language }),
    ...(files.length > 0 ? { files } : {}),
    ...(sections.length > 0 ? { sections } : {}),
    checks: checks.map((check) => check.command),
    ...(step.type === "test" ? { changed: await changedFiles(run), required: requiredOf(run, checks).map(({ kind }) => kind) } : {}),
  };
}

function usesDiff(step: PlanStep): boolean {
  return step.type === "review" || step.type === "document" || (step.type === "test" && step.agent === undefined);
}

export function earlierSections(state: SessionState): Section[] {
  const text = state.history.map(({ prompt, answer }) => `Asked: ${prompt}\nAnswered: ${answer}`).join("\n\n");
  return text === "" ? [] : [{ title: "Earlier in this session", text }];
}

function outcomesOf(state: SessionState, step: StepState): string {
  const plan = state.run?.plan ?? [];
  const before = plan.filter((other) => (step.dependsOn ?? []).includes(other.id) && other.type !== "review");
  return before
    .map((other) => outcomeOf(state, other))
    .filter(Boolean)
    .join("\n\n");
}

export function outcomeOf(state: SessionState, step: StepState): string {
  const output = step.taskId && state.tasks[step.taskId]?.output;
  return output ? `Step ${step.id} (${step.type})\n${describeResult(output)}` : "";
}

/** What the root agent gets to sum up, once the steps of its plan are done. */
export async function resultsSections(run: Run): Promise<Section[]> {
  const state = stateOf(run);
  const outcomes = (state.run?.plan ?? []).map((step) => outcomeOf(state, step)).filter(Boolean);
  return outcomes.length === 0 ? [] : [await section(run.ports.store, "What the team did", outcomes.join("\n\n"))];
}

/** The judgement that sent the work back: a review's findings, a failed check's output, a conflict. */
function findingsOf(state: SessionState, step: StepState): string {
  if (step.type === "review" || step.type === "test") return "";
  const about = state.run?.plan?.find((other) => other.id === step.about);
  return about ? outcomeOf(state, about) : "";
}

/** Both sides: what was done, and what others did meanwhile, each with its goal. */
function conflictOf(state: SessionState, step: StepState): Section[] {
  const about = state.run?.plan?.find((other) => other.id === step.about);
  const task = about?.taskId === undefined ? undefined : state.tasks[about.taskId];
  if (!task?.conflict) return [];
  const { files, patch, fails } = task.conflict;
  const touching = (other: TaskState): boolean => fails !== undefined || (other.changed ?? []).some((path) => files.includes(path));
  const others = Object.values(state.tasks).filter(
    (other) => other.merged !== undefined && other.stepId !== undefined && (other.endedAt ?? "") > task.createdAt && touching(other),
  );
  const reason = fails
    ? `they fit by their text, but "${fails.command}" passes without this work and fails with it`
    : `both changed ${files.join(", ")}`;
  const said = `This work was done beside other work that is in your folder already, and ${reason}. Bring its intent into the present files, and keep theirs.`;
  return [
    { title: "Work that could not be joined", text: `${said}\n\nIts goal was: ${task.goal}` },
    ...(patch ? [{ title: "Its patch", artifact: patch.hash }] : []),
    ...(fails ? [{ title: `What "${fails.command}" says of both together`, text: fails.said }] : []),
    ...others.flatMap((other): Section[] => [
      { title: `The other work (step ${other.stepId})`, text: `Its goal was: ${other.goal}\n${other.output?.summary ?? ""}` },
      ...(other.patch ? [{ title: `The patch of step ${other.stepId}, which is in your folder already`, artifact: other.patch.hash }] : []),
    ]),
  ];
}

async function diffText(run: Run): Promise<string> {
  const { id, workspace, base, head } = stateOf(run);
  if (base === undefined || head === undefined || base === head) return "(nothing has changed yet)";
  const { text } = await run.ports.workspace.diff(id, workspace, base, head);
  return text.length > longestDiff ? `${text.slice(0, longestDiff)}\n… (cut; read the files for the rest)` : text;
}

async function changedFiles(run: Run): Promise<string[]> {
  const { id, workspace, base, head } = stateOf(run);
  if (base === undefined || head === undefined || base === head) return [];
  return (await run.ports.workspace.diff(id, workspace, base, head)).files.map((file) => file.path);
}

async function candidatesText(run: Run, step: StepState): Promise<string> {
  const state = stateOf(run);
  const plan = (state.run as RunState).plan!;
  const parts: string[] = [];
  for (const other of plan.filter((one) => one.candidate && (step.dependsOn ?? []).includes(one.id))) {
    const aside = state.candidates[other.id];
    const diff = aside ? await run.ports.workspace.diff(state.id, state.workspace, state.base!, aside.commit) : undefined;
    const evidence = aside ? await evidenceFor(run, aside.commit) : "";
    parts.push(`### ${other.id}\n\n${outcomeOf(state, other)}\n${evidence}\n\n${diff?.text.slice(0, longestDiff / 2) ?? "(no change)"}`);
  }
  return parts.join("\n\n");
}

/** What the checks said of a candidate, from the runner's receipts. */
async function evidenceFor(run: Run, commit: string): Promise<string> {
  const { id, workspace, receipts } = stateOf(run);
  const tree = await run.ports.workspace.treeOf(id, workspace, commit);
  const receipt = receipts.findLast((one) => one.tree === tree);
  return receipt ? `checks: ${receipt.command} exit ${receipt.exitCode}` : "checks: none were run";
}
