// The sandbox of this machine, for the runtime and for whoever only asks about it.

import type { SandboxPort, SandboxWish } from "../core/sandboxPort.ts";
import { createSandbox } from "../workspace/sandbox/sandbox.ts";
import { loadPolicy } from "../registry/policies.ts";
import { dataDirOf } from "./places.ts";
import { policyPlaces } from "./policy.ts";

export function openSandbox(env: Record<string, string | undefined>, policy?: SandboxWish): SandboxPort {
  return createSandbox({ dataDir: dataDirOf(env), env, ...(policy ? { policy } : {}) });
}

/** What the policy files say of it here. */
export async function sandboxWish(env: Record<string, string | undefined>, workspace: string | undefined): Promise<SandboxWish> {
  return (await loadPolicy(policyPlaces(env), workspace)).sandbox;
}

/** The same, by the rules of one policy whatever is asked. */
export function sandboxUnder(sandbox: SandboxPort, wish: () => Promise<SandboxWish>): SandboxPort {
  return {
    ...sandbox,
    status: async () => sandbox.status(await wish()),
    confine: async (program) => sandbox.confine(program, await wish()),
  };
}
