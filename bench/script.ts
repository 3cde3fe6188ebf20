// What the bench's model says: a pure function of the agent and of the turn it is in. Both sides of every comparison are
// answered from here, so that they get the same words and ask for the same tool calls.

import type { Reply } from "../test/support/fakeModelServer.ts";

/** Numbered files of about a kilobyte; each turn reads the next one. */
export const noteCount = 16;
export const noteOf = (turn: number): string => `notes/note-${turn % noteCount}.md`;

/** Every answer names its turn, so that the server need only look at the end of a conversation to know where it is. */
export const turnWord = "Turn ";
const thought = (turn: number): string => `${turnWord}${turn + 1}: I read on, since what the next note says decides the rest. `;

export const answerText = "All notes were read. They agree with each other, and nothing has to be changed.";

/** `bench-100` makes a reader stop after 100 tool turns. */
export function turnsOf(model: string): number {
  return Number(/-(\d+)$/.exec(model)?.[1] ?? 1);
}

export type Asked = { model: string; agent: string; turn: number };

type Part = (asked: Asked) => Reply;

const parts: Record<string, Part> = {
  "bench-reader": ({ model, turn }) => (turn < turnsOf(model) ? read(turn) : { text: answerText }),
  "bench-planner": () => call(0, "agents__submit_plan", { steps: plan(), rationale: "Five areas, looked at side by side." }),
  coordinator: () => ({ text: answerText }),
  // The typo: the same four turns whoever plays them.
  typescript: typo,
  "bench-single": typo,
};

export function replyTo(asked: Asked): Reply {
  const part = parts[asked.agent];
  if (part) return part(asked);
  return asked.turn === 0
    ? read(asked.agent.length)
    : call(asked.turn, "agents__submit_result", { status: "done", summary: answerText, score: 0.9, findings: [] });
}

export const planSteps = 5;

function plan(): unknown[] {
  return Array.from({ length: planSteps }, (_, i) => ({
    id: `area-${i}`,
    type: "analyse",
    agent: "bench-panel",
    goal: `Look at area ${i}`,
  }));
}

function typo({ turn }: Asked): Reply {
  if (turn === 0) return call(turn, "filesystem__search_text", { pattern: "recieve" });
  if (turn === 1) return call(turn, "filesystem__read_file", { path: "README.md" });
  if (turn === 2) return call(turn, "filesystem__edit_file", { path: "README.md", old: "recieve", new: "receive" });
  return call(turn, "agents__submit_result", { status: "done", summary: "Corrected the typo in README.md.", files: ["README.md"] });
}

function read(turn: number): Reply {
  return call(turn, "filesystem__read_file", { path: noteOf(turn) });
}

function call(turn: number, tool: string, args: unknown): Reply {
  return { text: thought(turn), calls: [{ tool, arguments: args }] };
}
