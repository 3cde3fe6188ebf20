// Runs one program to its end: argument array, own session, closed input, bounded output, cancel and timeout that end
// the whole tree. Knows nothing of shells or git; a program that cannot start is an outcome like the others.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { codeOf } from "../places.ts";
import { createCapture } from "./capture.ts";
import type { Captured } from "./capture.ts";
import { endTree, killLeftovers } from "./processTree.ts";
import { type Limit, type Limits, watchLimits } from "./watchLimits.ts";

export type Program = {
  file: string;
  args: string[];
  cwd: string;
  env: Record<string, string | undefined>;
  signal: AbortSignal;
  timeoutMs?: number;
  /** Text for its standard input, which is closed otherwise. */
  input?: string;
  keepBytes?: number;
  limits?: Limits;
  /** Sees the output as it comes, beside its being kept. */
  onOutput?: (chunk: Buffer) => void;
  /** Sees the output line by line, instead of it being kept; ends the program by answering false. */
  onLine?: (line: string) => boolean;
};

export type Run = {
  ended: "exit" | "timeout" | "cancelled" | "stopped" | "not_started" | "limit";
  /** With `limit`: which one. */
  limit?: Limit;
  /** Null when a signal ended it. */
  exitCode: number | null;
  output: Captured;
  /** The beginning and end of what it wrote to standard error. */
  errors: string;
  durationMs: number;
};

const defaultKeepBytes = 5 * 1024 * 1024;
const errorBytes = 16 * 1024;
/** A pipe that someone else still holds is not waited for longer. */
const drainMs = 500;

export async function runProgram(program: Program): Promise<Run> {
  const began = performance.now();
  const output = createCapture(program.keepBytes ?? defaultKeepBytes);
  const errors = createCapture(errorBytes);
  const finish = (ended: Run["ended"], exitCode: number | null): Run => ({
    ended,
    exitCode,
    output: output.end(),
    errors: errors.end().text,
    durationMs: Math.round(performance.now() - began),
  });
  if (program.signal.aborted) return finish("cancelled", null);
  const child = spawn(program.file, program.args, {
    cwd: program.cwd,
    env: program.env,
    detached: true,
    windowsHide: true,
    stdio: [program.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  const exited = new Promise<number | null | Error>((resolve) => {
    child.once("error", resolve);
    child.once("exit", resolve);
  });
  const closed = new Promise((resolve) => child.once("close", resolve));
  child.stdin?.on("error", () => undefined).end(program.input);
  child.stderr?.on("data", (chunk: Buffer) => errors.add(chunk));
  const stop = stopper(child);
  if (program.onLine) watchLines(child, program.onLine, stop);
  else child.stdout?.on("data", (chunk: Buffer) => (output.add(chunk), program.onOutput?.(chunk)));
  const release = stop.on(program.signal, program.timeoutMs);
  let limit: Limit | undefined;
  const onLimit = (which: Limit): void => {
    limit = which;
    // At once and from the top: a flood would outgrow any order to end in turn.
    killLeftovers(child.pid!);
    stop.stop("limit");
  };
  const unwatch = program.limits && child.pid !== undefined ? watchLimits(child.pid, program.limits, onLimit) : undefined;
  const exit = await exited;
  unwatch?.();
  release();
  await stop.finished();
  if (exit instanceof Error) return finishFailed(exit, finish, (chunk) => errors.add(chunk));
  if (child.pid !== undefined) killLeftovers(child.pid);
  await drain(child, closed);
  return { ...finish(stop.reason() ?? "exit", exit), ...(limit ? { limit } : {}) };
}

function finishFailed(error: Error, finish: (ended: Run["ended"], exitCode: null) => Run, note: (chunk: Buffer) => void): Run {
  note(Buffer.from(codeOf(error) ?? error.message));
  return finish("not_started", null);
}

type StopReason = "timeout" | "cancelled" | "stopped" | "limit";
type Stopper = {
  stop(reason: StopReason): void;
  on(signal: AbortSignal, timeoutMs: number | undefined): () => void;
  reason(): StopReason | undefined;
  finished(): Promise<void>;
};

function stopper(child: ChildProcess): Stopper {
  let reason: StopReason | undefined;
  let ending: Promise<void> = Promise.resolve();
  const stop = (why: StopReason): void => {
    if (reason !== undefined || child.pid === undefined) return;
    reason = why;
    ending = endTree(child.pid);
  };
  const cancel = (): void => stop("cancelled");
  return {
    stop,
    on(signal, timeoutMs) {
      signal.addEventListener("abort", cancel, { once: true });
      const timer = timeoutMs === undefined ? undefined : setTimeout(() => stop("timeout"), timeoutMs);
      return () => {
        signal.removeEventListener("abort", cancel);
        clearTimeout(timer);
      };
    },
    reason: () => reason,
    finished: () => ending,
  };
}

function watchLines(child: ChildProcess, onLine: (line: string) => boolean, stopper: Stopper): void {
  const lines = createInterface({ input: child.stdout!, crlfDelay: Infinity });
  lines.on("line", (line) => {
    if (stopper.reason() === undefined && !onLine(line)) stopper.stop("stopped");
  });
}

/** Waits until the rest of the output has arrived, but not for a stranger who holds the pipe. */
async function drain(child: ChildProcess, closed: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, drainMs);
  });
  await Promise.race([closed, late]);
  clearTimeout(timer);
  child.stdout?.destroy();
  child.stderr?.destroy();
}
