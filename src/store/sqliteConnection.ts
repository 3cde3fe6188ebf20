// The line to the store's worker. One batch is under way at a time: what is asked meanwhile, or within the same tick,
// travels together and shares one transaction. Nothing ever hangs: when the worker ends, every open call is rejected.
// An idle worker does not keep the process alive; a call under way does.

import { Worker } from "node:worker_threads";
import { messageOf } from "../protocol/result.ts";
import { StoreFailure } from "./failure.ts";
import { errorOf } from "./sqliteFaults.ts";
import type { Answer, FromWorker, Operation, Operations, Request, ToWorker, WorkerOptions } from "./sqliteProtocol.ts";

export type Connection = {
  call: <K extends Operation>(operation: K, input: Operations[K]["in"]) => Promise<Operations[K]["out"]>;
  /** Finishes what was asked, then ends the worker. */
  close: () => Promise<void>;
};

type Waiting = { request: Request; resolve: (value: never) => void; reject: (error: Error) => void };

/** `say` is told what the person should know of how it was opened. */
export async function openConnection(workerUrl: URL, options: WorkerOptions, say: (line: string) => void): Promise<Connection> {
  const worker = new Worker(workerUrl, { workerData: options, stdin: false });
  const said = await ready(worker);
  if (said !== undefined) say(said);
  worker.unref();
  return connect(worker);
}

async function ready(worker: Worker): Promise<string | undefined> {
  return await new Promise((resolve, reject) => {
    const refuse = (error: unknown): void => reject(new StoreFailure("failed", `The store could not start: ${messageOf(error)}`));
    worker.once("error", refuse);
    worker.once("exit", () => refuse("its thread ended"));
    worker.once("message", (message: FromWorker) => {
      for (const event of ["error", "exit"]) worker.removeAllListeners(event);
      if (message.kind === "refused") reject(errorOf(message.fault));
      else resolve(message.kind === "ready" ? message.said : undefined);
    });
  });
}

/** Looks through the file in a thread of its own, beside the work; answers what ends that. */
export function checkBeside(workerUrl: URL, file: string): () => void {
  const worker = new Worker(workerUrl, { workerData: { file, check: true } satisfies WorkerOptions, stdin: false });
  worker.unref();
  // What keeps it from looking is no damage: it is tried again later.
  worker.on("error", () => undefined);
  return () => void worker.terminate();
}

/** All that is known about the line: what waits, what is under way, and whether it is at its end. */
type Line = { worker: Worker; queue: Waiting[]; underWay: Waiting[]; ended?: StoreFailure; closing?: Promise<void> };

function connect(worker: Worker): Connection {
  const line: Line = { worker, queue: [], underWay: [] };
  worker.on("message", (message: FromWorker) => {
    if (message.kind === "answers") settle(line, message.answers);
  });
  worker.on("error", (error) => {
    end(line, new StoreFailure("failed", `The store's thread failed (${messageOf(error)}): start the program again.`));
  });
  worker.on("exit", () => end(line, closed()));
  return {
    call: async (operation, input) => await ask(line, { operation, input } as Request),
    close: async () => await (line.closing ??= close(line)),
  };
}

async function ask<T>(line: Line, request: Request): Promise<T> {
  const gone = line.ended ?? (line.closing && closed());
  if (gone) throw gone;
  if (line.underWay.length === 0 && line.queue.length === 0) {
    line.worker.ref();
    queueMicrotask(() => flush(line));
  }
  return await new Promise<T>((resolve, reject) => {
    line.queue.push({ request, resolve, reject });
  });
}

function flush(line: Line): void {
  if (line.underWay.length > 0 || line.queue.length === 0) return;
  line.underWay = line.queue;
  line.queue = [];
  send(
    line,
    line.underWay.map(({ request }) => request),
  );
}

function settle(line: Line, answers: Answer[]): void {
  const settled = line.underWay;
  line.underWay = [];
  for (const [i, { resolve, reject }] of settled.entries()) {
    const answer = answers[i]!;
    if (answer.ok) resolve(answer.value as never);
    else reject(errorOf(answer.fault));
  }
  if (line.queue.length > 0) flush(line);
  else if (line.closing) send(line, "close");
  else line.worker.unref();
}

function end(line: Line, why: StoreFailure): void {
  line.ended ??= why;
  for (const { reject } of [...line.underWay, ...line.queue]) reject(line.ended);
  line.underWay = [];
  line.queue = [];
}

async function close(line: Line): Promise<void> {
  if (line.ended) return;
  line.worker.ref();
  const exit = new Promise((resolve) => line.worker.once("exit", resolve));
  // Otherwise the last answer sends the word, see settle.
  if (line.underWay.length === 0 && line.queue.length === 0) send(line, "close");
  await exit;
}

function send(line: Line, message: ToWorker): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  line.worker.postMessage(message);
}

function closed(): StoreFailure {
  return new StoreFailure("closed", "The store is closed.");
}
