// Plays a script: from a conversation to the next thing to say and do. A pure function of script and conversation: the
// place in the scene is the number of answers given since the goal, and names are captured anew from the recorded
// results, so that a resumed or replayed session goes on exactly where it was.

import { textOf } from "../protocol/transcript.ts";
import type { AskedCall, ModelMessage, ModelRequest } from "../core/ports.ts";
import type { Condition, Scene, Script, ScriptFault, Turn } from "./script.ts";
import { fill, fillAll, MissingName, type Names } from "./template.ts";
import type { StopReason } from "../protocol/events.ts";

export type Played = {
  text: string;
  calls: AskedCall[];
  stop: StopReason;
  /** Which turn of which goal this is: the key under which faults are counted. */
  place: string;
  fault?: ScriptFault;
  delayMs?: number;
};

type Exchange = { scene: Scene; goal: string; rest: ModelMessage[] };

/** The tools' answers to one turn. */
type Answers = { text: string; failures: string[] };

export function play(script: Script, request: ModelRequest): Played {
  const agent = /^agent: (\S+)/.exec(request.system)?.[1] ?? "";
  const exchange = findExchange(script.agents[agent] ?? [], request.messages);
  const report = failureWriter(request);
  if (!exchange) return report(`The script has no scene of "${agent || "an unnamed agent"}" for this goal.${whatItKnows(script)}`, agent);
  const answered = exchange.rest.filter((message) => message.role === "assistant").length;
  const place = `${agent}#${answered}#${exchange.goal}`;
  const names: Names = { goal: exchange.goal, agent };
  for (let at = 0; at <= answered; at++) {
    const turn = exchange.scene.turns[at];
    if (!turn) return { text: "The scripted scene has ended.", calls: [], stop: "end", place };
    const answers = answersBefore(exchange.rest, at);
    const step = playTurn(turn, exchange.goal, answers, names, script);
    if (at < answered) continue;
    return "problem" in step ? report(step.problem, place) : { ...step, place };
  }
  throw new Error("a scene has at least its first turn");
}

function whatItKnows({ goals }: Script): string {
  const names = Object.keys(goals);
  if (names.length === 0) return "";
  return ` It is no real model and knows ${names.length} goals: ${names.join(", ")} (play one with: npm run demo -- ${names[0]}).`;
}

/** The newest message that starts a scene; nudges and reports in between belong to the scene that runs. */
function findExchange(scenes: Scene[], messages: ModelMessage[]): Exchange | undefined {
  const prompts = userGroups(messages);
  for (const { goal, end } of prompts.toReversed()) {
    const scene = scenes.find((one) => one.when?.goal?.test(goal));
    if (scene) return { scene, goal, rest: messages.slice(end) };
  }
  const first = prompts[0];
  const anyScene = scenes.find((one) => one.when?.goal === undefined);
  return first && anyScene ? { scene: anyScene, goal: first.goal, rest: messages.slice(first.end) } : undefined;
}

/** User messages that follow one another count as one. */
function userGroups(messages: ModelMessage[]): { goal: string; end: number }[] {
  const groups: { goal: string; end: number }[] = [];
  messages.forEach((message, i) => {
    if (message.role !== "user") return;
    const text = textOf(message.content);
    const last = groups.at(-1);
    if (last?.end === i) groups[groups.length - 1] = { goal: `${last.goal}\n\n${text}`, end: i + 1 };
    else groups.push({ goal: text, end: i + 1 });
  });
  return groups;
}

function answersBefore(rest: ModelMessage[], turn: number): Answers {
  let seen = 0;
  const texts: string[] = [];
  const failures: string[] = [];
  for (const message of rest) {
    if (message.role === "assistant") seen += 1;
    if (message.role !== "results" || seen !== turn) continue;
    for (const { tool, result } of message.results) {
      texts.push(result.content);
      if (!result.ok) failures.push(`${tool} failed (${result.code}): ${result.content}`);
    }
  }
  return { text: texts.join("\n"), failures };
}

type Step = { text: string; calls: AskedCall[]; stop: StopReason; fault?: ScriptFault; delayMs?: number } | { problem: string };

function playTurn(written: Turn, goal: string, answers: Answers, names: Names, script: Script): Step {
  const turn = chosen(written, goal, answers);
  if (!turn) return { problem: "None of the script's alternatives fits what was found." };
  if (answers.failures.length > 0 && !turn.tolerate) return { problem: answers.failures.join("\n") };
  if (turn.expect && !turn.expect.test(answers.text)) {
    return { problem: `Expected to find /${turn.expect.source}/ in the results, and did not.` };
  }
  try {
    captureNames(turn, goal, answers, names);
    const text = fill(turn.say ?? "", names, script.tables);
    const calls = (turn.calls ?? []).map((call): AskedCall => ({
      tool: fill(call.tool, names, script.tables),
      arguments: fillAll(call.arguments ?? {}, names, script.tables),
      ...(call.invalid === undefined ? {} : { invalid: call.invalid }),
    }));
    const extras = { ...(turn.fault ? { fault: turn.fault } : {}), ...(turn.delayMs === undefined ? {} : { delayMs: turn.delayMs }) };
    return { text, calls, stop: turn.stop ?? (calls.length > 0 ? "calls" : "end"), ...extras };
  } catch (error) {
    if (error instanceof MissingName) return { problem: `It cannot go on: ${error.message}.` };
    throw error;
  }
}

function chosen(turn: Turn, goal: string, answers: Answers): Turn | undefined {
  if (!turn.either) return turn;
  const fitting = turn.either.find((one) => !one.if || holds(one.if, goal, answers.text));
  return fitting && { ...turn, ...fitting, capture: { ...turn.capture, ...fitting.capture } };
}

function holds(condition: Condition, goal: string, results: string): boolean {
  if (condition.goal && !condition.goal.test(goal)) return false;
  if (condition.results && !condition.results.test(results)) return false;
  return !condition.without?.test(results);
}

function captureNames(turn: Turn, goal: string, answers: Answers, names: Names): void {
  for (const [name, { from, regex, optional }] of Object.entries(turn.capture ?? {})) {
    const match = regex.exec(from === "goal" ? goal : answers.text);
    const value = match?.[1] ?? match?.[0];
    if (value !== undefined) names[name] = value;
    else if (!optional) throw new MissingName(`/${regex.source}/, which gives "${name}", was not found in the ${from}`);
  }
}

/** A scene that cannot go on says so where the agent can be heard: in its result if it hands one in, else in its text. */
function failureWriter(request: ModelRequest): (problem: string, place: string) => Played {
  return (problem, place) => {
    const text = `This scripted agent cannot go on. ${problem}`;
    if (!request.tools.some((tool) => tool.name === "agents__submit_result")) return { text, calls: [], stop: "end", place };
    const calls = [{ tool: "agents__submit_result", arguments: { status: "failed", summary: text } }];
    return { text, calls, stop: "calls", place };
  };
}
