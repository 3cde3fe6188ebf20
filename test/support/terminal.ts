// `ao` at a terminal, within this process: two streams that say that they are one, and a person who types when something
// is asked. What is printed is what a person would see, control codes included.

import { PassThrough } from "node:stream";
import type { Io } from "../../src/cli/command.ts";
import { main } from "../../src/cli/main.ts";
import { until } from "./ao.ts";

export type Terminal = {
  /** Runs a command; its exit code. */
  ao(args: string[]): Promise<number>;
  /** Waits until this was printed since the last key, then types. */
  when(shown: RegExp, keys: string): Promise<void>;
  printed(): string;
};

export const ctrlD = "\u0004";

export function createTerminal(env: Record<string, string>, options: { cwd: string; colour?: boolean; rows?: number }): Terminal {
  const { cwd, colour = false, rows = 24 } = options;
  const tty = (): PassThrough => Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows });
  const stdin = tty();
  const stdout = tty();
  let text = "";
  let read = 0;
  stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const print = (line: string): void => void stdout.write(`${line}\n`);
  const io: Io = {
    env,
    cwd,
    out: print,
    err: print,
    colour,
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
  };
  return {
    ao: (args) => main(args, io),
    async when(shown, keys) {
      await until(() => shown.test(text.slice(read)), `${shown} in:\n${text}`);
      read = text.length;
      stdin.write(keys);
    },
    printed: () => text,
  };
}
