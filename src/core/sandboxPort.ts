// Where commands run: what a policy may say of it, what a driver promises, what it answers. Owns no decision whether a
// command may run (guard.ts) and no process.

import type { Result } from "../protocol/result.ts";

export type SandboxPolicy = {
  /** `auto`: processes are confined where that works here, otherwise they run as they are. Anything else is meant as said. */
  mode: "auto" | SandboxDriver;
  /** Host names, `*.name` for all below one, each with `:port` where only that one is meant. None: no network at all. */
  network: string[];
  memoryMb: number;
  /** Processes at the same time. */
  pids: number;
  /** Processors; only `container` can hold a command to it. */
  cpu?: number;
  container?: ContainerPolicy;
};

/** What a policy says; the rest is as usual. */
export type SandboxWish = Partial<SandboxPolicy>;

export type ContainerPolicy = {
  /** There is none by itself: `container` needs one that has what the project's commands need. */
  image: string;
  engine?: "docker" | "podman" | undefined;
  /** What the engine starts containers with: `runc`, `runsc`, `kata`, … */
  runtime?: string | undefined;
};

export type SandboxDriver = "process" | "container" | "off";

/**
 * Where a command would run. `why` beside `off`: why nothing better works; beside another driver: why it does not work, so
 * that every command is refused. `wanted`: the policy turns it off.
 */
export type SandboxStatus = { driver: SandboxDriver; why?: string; wanted?: true };

export type Confinable = {
  file: string;
  args: string[];
  cwd: string;
  env: Record<string, string | undefined>;
  /** The folder that may be written, if it is `writable`; the rest of the machine never is. */
  root: string;
  writable: boolean;
  /** The user's own folder: readable, and its caches are shared by its tasks. */
  workspace?: string;
  /** Absolute paths that whoever accepted the program has named: they are there even if they lie among temporary files. */
  named?: string[];
};

/** How to start a program so that it is confined. */
export type Confined = Pick<Confinable, "file" | "args" | "cwd" | "env"> & {
  driver: SandboxDriver;
  /** What whoever runs it has to watch over, where nothing else does. */
  limits?: { memoryMb: number; pids: number };
  /** Once it has ended, or instead: ends what might be left of it. Says which limit it ran into, if one is known. Never rejects. */
  release: () => Promise<"memory" | undefined>;
};

export type SandboxPort = {
  /** Found out by trying, once. */
  status(wish?: SandboxWish): Promise<SandboxStatus>;
  /** The error is a sentence: why the program must not be started, and the way out. */
  confine(program: Confinable, wish?: SandboxWish): Promise<Result<Confined, string>>;
  close(): Promise<void>;
};
