// `ao` as a user runs it: the built program in a process of its own, with a data folder and an environment of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { TraceEvent } from "../../src/protocol/events.ts";

const cli = resolve("dist/cli.js");

export type Ended = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };
export type Started = { child: ChildProcess; ended: Promise<Ended>; output(): string };

export type Home = {
  dir: string;
  /** A folder with these files, outside any git repository. */
  project(files: Record<string, string>): string;
  copyOf(folder: string): string;
  start(args: string[], env?: Record<string, string>): Started;
  ao(args: string[], env?: Record<string, string>): Promise<Ended>;
  events(session: string): Promise<TraceEvent[]>;
  remove(): void;
};

export function createHome(env: Record<string, string> = {}): Home {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "ao-home-")));
  let projects = 0;
  const base = { PATH: process.env["PATH"] ?? "", HOME: dir, AO_DATA_DIR: join(dir, "data"), NO_COLOR: "1", ...env };

  const start = (args: string[], more: Record<string, string> = {}): Started => {
    const child = spawn(process.execPath, [cli, ...args], { cwd: dir, env: { ...base, ...more }, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = once(child, "close").then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout,
      stderr,
    }));
    return { child, ended, output: () => stdout + stderr };
  };
  const home: Home = {
    dir,
    project(files) {
      const folder = join(dir, `project-${++projects}`);
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), content);
      }
      return folder;
    },
    copyOf(folder) {
      const copy = join(dir, `project-${++projects}`);
      cpSync(folder, copy, { recursive: true });
      return copy;
    },
    start,
    ao: (args, more) => start(args, more).ended,
    async events(session) {
      const { stdout } = await home.ao(["trace", session, "--format", "jsonl"]);
      return stdout
        .split("\n")
        .filter(Boolean)
        .map((line) => {
          const { digest: _digest, tape: _tape, ...event } = JSON.parse(line) as TraceEvent & Record<"digest" | "tape", unknown>;
          return event;
        });
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
  return home;
}

/** The session that a run or its output names. */
export function sessionIn({ stdout, stderr }: Pick<Ended, "stdout" | "stderr">): string {
  const found = /\b(s_[a-z0-9]{10})\b/.exec(stdout) ?? /\b(s_[a-z0-9]{10})\b/.exec(stderr);
  if (!found) throw new Error(`no session is named in:\n${stdout}\n${stderr}`);
  return found[1]!;
}

export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await condition()) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`waited too long for ${what}`);
}
