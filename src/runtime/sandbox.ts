// The sandbox of this machine, for the runtime and for whoever only asks about it.

import type { SandboxPolicy, SandboxPort } from "../core/sandboxPort.ts";
import { createSandbox } from "../workspace/sandbox/sandbox.ts";
import { dataDirOf } from "./places.ts";

export function openSandbox(env: Record<string, string | undefined>, policy?: Partial<SandboxPolicy>): SandboxPort {
  return createSandbox({ dataDir: dataDirOf(env), env, ...(policy ? { policy } : {}) });
}
