// What a driver of the sandbox promises, and what it is made of.

import type { Confinable, Confined, SandboxPolicy } from "../../core/sandboxPort.ts";
import type { Result } from "../../protocol/result.ts";

export type Driver = {
  /** Why it cannot work here, with the way out, as far as that is to be seen without trying. */
  missing(): string | undefined;
  confine(program: Confinable, limits: Limits): Promise<Result<Confined, string>>;
  close(): Promise<void>;
};

/** They may differ from call to call. */
export type Limits = Pick<SandboxPolicy, "memoryMb" | "pids" | "cpu">;

export type Means = { dataDir: string; home: string; env: Record<string, string | undefined> };
