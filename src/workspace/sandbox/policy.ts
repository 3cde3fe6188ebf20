// What holds where nobody said anything else.

import type { SandboxPolicy, SandboxWish } from "../../core/sandboxPort.ts";

const byDefault: SandboxPolicy = { mode: "auto", network: [], memoryMb: 2048, pids: 256 };

export function withDefaults(...wishes: SandboxWish[]): SandboxPolicy {
  return Object.assign({}, byDefault, ...wishes) as SandboxPolicy;
}
