// One question at a time at the terminal, and its end: an answer, an answer from elsewhere, the end of the input (Ctrl-D,
// which puts off this question and all that follow), or the end of the run. Knows nothing of what is asked.

import { createInterface } from "node:readline/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApprovalId, InterruptId } from "../protocol/ids.ts";
import { messageOf } from "../protocol/result.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Io } from "./command.ts";
import type { View } from "./view.ts";

type QuestionId = ApprovalId | InterruptId;

export type QuestionQueue = {
  /** Does the work of a question when its turn comes; not at all when it is settled by then. */
  inTurn: (sessionId: string, id: QuestionId, work: () => Promise<void>) => void;
  /** One line that the person types; rejects when the question is over. */
  ask: (words: string) => Promise<string>;
  /** Not now: the run ends without this answer and can be resumed after it. */
  later: (sessionId: string, id: QuestionId) => void;
  /** It was answered, here or elsewhere. */
  settle: (id: QuestionId) => void;
  close: () => void;
};

export function createQuestionQueue(runtime: Runtime, io: Io, view: View): QuestionQueue {
  const reader = createInterface({ input: io.stdin, output: io.stdout });
  const closing = new AbortController();
  const settled = new Set<QuestionId>();
  let present: { id: QuestionId; over: AbortController } | undefined;
  let ended = false;
  let queue: Promise<unknown> = Promise.resolve();

  const later = (sessionId: string, id: QuestionId): void => void putOff(runtime, sessionId, id, closing.signal);
  const turn = async (sessionId: string, id: QuestionId, work: () => Promise<void>): Promise<void> => {
    if (closing.signal.aborted || settled.has(id)) return;
    if (ended) return later(sessionId, id);
    present = { id, over: new AbortController() };
    view.pause();
    await work().catch((error: unknown) => {
      if (ended) later(sessionId, id);
      else if (settled.has(id)) io.out("(answered elsewhere)");
      else if (!closing.signal.aborted) io.err(`ao: ${messageOf(error)}`);
    });
    present = undefined;
    view.resume();
  };
  reader.on("SIGINT", () => process.emit("SIGINT"));
  reader.on("close", () => {
    if (closing.signal.aborted) return;
    ended = true;
    if (!present) view.pause();
    io.out("\nNo more answers from here: questions are kept for later.");
    if (!present) view.resume();
    present?.over.abort();
  });
  return {
    inTurn: (sessionId, id, work) => void (queue = queue.then(() => turn(sessionId, id, work))),
    ask: async (words) => {
      const line = await reader.question(words, { signal: AbortSignal.any([closing.signal, present!.over.signal]) });
      return line.trim();
    },
    later,
    settle(id) {
      settled.add(id);
      if (present?.id === id) present.over.abort();
    },
    close() {
      closing.abort();
      reader.close();
    },
  };
}

/** The task may be about to wait, and not yet wait: it is told as soon as it does. */
async function putOff({ engine }: Runtime, sessionId: string, id: QuestionId, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const answer = await engine.dispatch({ type: "question.defer", sessionId, id });
    if (!answer.ok || answer.value.deferred) return;
    await sleep(50, undefined, { signal }).catch(() => undefined);
  }
}
