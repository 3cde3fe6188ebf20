// What holds where nobody said anything else.

import type { SandboxPolicy } from "../../core/sandboxPort.ts";

const byDefault: SandboxPolicy = { mode: "auto", network: { allow: [] }, memoryMb: 2048, pids: 256 };

export function withDefaults(policy: Partial<SandboxPolicy> = {}): SandboxPolicy {
  return { ...byDefault, ...policy };
}
