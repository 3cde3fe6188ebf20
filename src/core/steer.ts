// What a person says to the team while it works: recorded first, then heard by each agent that it is for, before that
// agent's next turn. Whoever would end without having heard it takes one more turn; what came too late for everybody is
// a concern of the landing, so that no word is passed over.

import type { Commands } from "../protocol/commands.ts";
import type { EventDraft } from "../protocol/events.ts";
import type { MessageId, TaskId } from "../protocol/ids.ts";
import { fail, ok, type Result } from "../protocol/result.ts";
import { isTerminal, type Said, type SessionState } from "../protocol/state.ts";
import { text } from "./context.ts";
import { type Run, stateOf } from "./run.ts";
import { loadState } from "./sessionLog.ts";
import { passOn, runsElsewhere, withLog, type World } from "./sessions.ts";

const longest = 20_000;

export async function sendMessage(world: World, command: Commands["message.send"]): Promise<Result<{ messageId: MessageId }>> {
  const { sessionId, taskId, by } = command;
  const messageId = command.messageId ?? world.ports.ids.next("m");
  if (await runsElsewhere(world, sessionId)) {
    // The process that runs it gives no reasons: what can be known beforehand is said here.
    const state = await loadState(world.ports, sessionId);
    const refused = state && refusalOf(state, command);
    return (
      refused ??
      passOn(world, sessionId, { type: "message.send", ...command, messageId }, ({ said }) =>
        said?.some((one) => one.messageId === messageId) ? { messageId } : undefined,
      )
    );
  }
  return withLog(world, sessionId, async (log) => {
    const refused = world.sessions.get(sessionId)?.run ? refusalOf(log.state, command) : notAtWork();
    if (refused) return refused;
    const { tasks, said = [] } = log.state;
    if (said.some((one) => one.messageId === messageId)) return ok({ messageId });
    // A plan that is being made stands when it is handed in: whoever works by it can act on what is said.
    const input = taskId && (tasks[taskId]?.input as { type?: string } | undefined);
    const to = input && input.type === "plan" ? undefined : taskId;
    const payload = { messageId, from: by, to: to ?? "team", mode: "async" as const, payload: { text: command.text.trim() } };
    log.append({ type: "message.sent", actor: by, ...(to ? { taskId: to } : {}), payload });
    return ok({ messageId });
  });
}

type Refusal = ReturnType<typeof fail>;

function notAtWork(): Refusal {
  return fail("nothing_to_do", "The team is not at work; send it as the next prompt.");
}

/** Nobody would hear it, or nobody could read it. */
function refusalOf({ run, tasks, landing }: SessionState, { text: words, taskId }: Commands["message.send"]): Refusal | undefined {
  if (words.trim() === "") return fail("invalid", "There is nothing to say: the message is empty.");
  if (words.length > longest)
    return fail("invalid", `The message has more than ${longest} characters; put it into a file of the project and name that.`);
  if (run?.status !== "running") return notAtWork();
  if (landing && !landing.decision)
    return fail("nothing_to_do", "The work is done, and its result waits for you; send it as the next prompt.");
  const task = taskId && tasks[taskId];
  if (taskId && (!task || isTerminal(task.status))) return fail("nothing_to_do", "That agent has ended; say it to the whole team.");
  return undefined;
}

/** What this task has not heard yet. */
export function unheard(run: Run, taskId: TaskId): Said[] {
  const { said, tasks } = stateOf(run);
  const heard = tasks[taskId]?.heard ?? [];
  return (said ?? []).filter(({ messageId, to }) => (to === undefined || isWithin(run, taskId, to)) && !heard.includes(messageId));
}

/** Those to whom an agent handed its work hear what is said to it: it may have no turn of its own. */
function isWithin(run: Run, taskId: TaskId, above: TaskId): boolean {
  const { tasks } = stateOf(run);
  for (let at: TaskId | undefined = taskId; at !== undefined; at = tasks[at]?.parentId) if (at === above) return true;
  return false;
}

/** Puts it into the agent's conversation; tells whether there was anything. */
export function hear(run: Run, taskId: TaskId): boolean {
  const events = unheard(run, taskId).flatMap(({ messageId, text: words, by }): EventDraft[] => {
    const content = text(by ? `Note: ${words}` : `The user says: ${words}`);
    return [
      { type: "message.delivered", actor: "orchestrator", taskId, payload: { messageId } },
      { type: "message", actor: by ?? "user", taskId, cause: messageId, payload: { role: "user", content } },
    ];
  });
  run.log.append(...events);
  return events.length > 0;
}
