// What goes wrong before anything runs, or is refused by the engine, and the exit codes of every command.

import type { RunStatus } from "../protocol/events.ts";
import type { Failure } from "../protocol/result.ts";

export const exit = { done: 0, failed: 1, usage: 2, waiting: 3, cancelled: 130 } as const;

export const exitByStatus: Record<RunStatus, number> = {
  done: exit.done,
  failed: exit.failed,
  waiting: exit.waiting,
  cancelled: exit.cancelled,
};

/** One clear line with the remedy; `code` is the exit code. Caught once, in main. */
export class CommandError extends Error {
  override name = "CommandError";
  readonly code: number;
  constructor(message: string, code: number = exit.usage) {
    super(message);
    this.code = code;
  }
}

/** As the engine says it; what does not exist was named wrongly. */
export function refusal({ code, message }: Failure): CommandError {
  return new CommandError(message, code === "not_found" ? exit.usage : exit.failed);
}
