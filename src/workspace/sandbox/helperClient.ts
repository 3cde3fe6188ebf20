// Starts the helper program for one list of hosts and talks to it. What it leaves behind goes with it, however it ends.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isRunning } from "./programs.ts";
import type { View } from "./view.ts";

export type HelperOptions = {
  hosts: string[];
  /** For its sockets; empty, and its own. */
  folder: string;
  shell: string;
  bwrap?: string | undefined;
  socat?: string | undefined;
  /** The program that puts the filter for system calls in place. */
  seccomp?: string;
};

export type ToHelper = { kind: "wrap"; id: number; command: string; commandId: string; view: View } | { kind: "done" };
export type FromHelper = { id: number; argv: string[] } | { id: number; error: string };

export type Helper = {
  folder: string;
  /** Rejects with a sentence. */
  wrap: (command: string, view: View) => Promise<string[]>;
  /** Once for each command that was wrapped. */
  done: () => void;
  isAlive: () => boolean;
  close(): Promise<void>;
};

const prefix = "ao-sandbox-";
const endMs = 3000;

/** Rejects with a sentence when it cannot begin. */
export async function startHelper(options: Omit<HelperOptions, "folder">, env: Record<string, string | undefined>): Promise<Helper> {
  removeLeftovers();
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  const given: HelperOptions = { ...options, folder };
  // A group of its own: what is meant for a terminal's programs is not for it, and it ends as a whole.
  const child = spawn(process.execPath, [helperFile(), JSON.stringify(given)], {
    env: { ...env, TMPDIR: folder, ELECTRON_RUN_AS_NODE: "1" },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  const talk = talkTo(child);
  const ended = talk.ended.then(() => {
    if (child.pid !== undefined) endGroup(child.pid);
    rmSync(folder, { recursive: true, force: true });
  });
  const close = async (): Promise<void> => {
    child.stdin.end();
    const late = setTimeout(() => child.pid !== undefined && endGroup(child.pid), endMs);
    await ended;
    clearTimeout(late);
  };
  try {
    await talk.answerTo(0);
  } catch (error) {
    await close();
    throw error;
  }
  let last = 0;
  return {
    folder,
    wrap: (command, view) => {
      last += 1;
      const answer = talk.answerTo(last);
      talk.say({ kind: "wrap", id: last, command, commandId: randomBytes(16).toString("hex"), view });
      return answer;
    },
    done: () => talk.say({ kind: "done" }),
    isAlive: talk.isAlive,
    close,
  };
}

type Talk = {
  say: (message: ToHelper) => void;
  /** Rejects with what the helper says of it, or when it ends before. */
  answerTo: (id: number) => Promise<string[]>;
  isAlive: () => boolean;
  ended: Promise<void>;
};

function talkTo(child: ChildProcessWithoutNullStreams): Talk {
  const waiting = new Map<number, { resolve: (argv: string[]) => void; reject: (error: Error) => void }>();
  let [words, isAlive] = ["", true];
  const ended = new Promise<void>((resolve) => {
    const onEnd = (): void => {
      isAlive = false;
      const said = words.trim().split("\n").at(-1) ?? "";
      for (const { reject } of waiting.values()) reject(new Error(`its helper ended${said ? ` (it said: ${said})` : ""}`));
      waiting.clear();
      resolve();
    };
    child.once("error", onEnd);
    child.once("exit", onEnd);
  });
  child.stderr.on("data", (chunk: Buffer) => (words = (words + chunk.toString()).slice(-2000)));
  child.stdin.on("error", () => undefined);
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message = JSON.parse(line) as FromHelper;
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if ("error" in message) asked?.reject(new Error(message.error));
    else asked?.resolve(message.argv);
  });
  return {
    say: (message) => void (isAlive && child.stdin.write(`${JSON.stringify(message)}\n`)),
    answerTo: (id) =>
      new Promise((resolve, reject) => {
        if (isAlive) waiting.set(id, { resolve, reject });
        else reject(new Error("its helper has ended"));
      }),
    isAlive: () => isAlive,
    ended,
  };
}

function helperFile(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "./helper.ts" : "./sandboxHelper.js", import.meta.url));
}

/** Its proxies end with it, also when it was killed. */
function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}

/** Folders of processes that were killed together with their helpers. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split("-")[0]) : 0;
    if (pid > 0 && !isRunning(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}
