// The sandbox port: which driver a command runs in. What is asked for is meant: only `auto` falls back to none, and says so.

import { homedir } from "node:os";
import { realpathSync } from "node:fs";
import type { Confinable, SandboxPolicy, SandboxPort, SandboxStatus } from "../../core/sandboxPort.ts";
import { ok } from "../../protocol/result.ts";
import { containerDriver } from "./containerDriver.ts";
import { withDefaults } from "./policy.ts";
import { probe } from "./probe.ts";
import { type Driver, type DriverOptions, processDriver } from "./processDriver.ts";

export type SandboxOptions = { policy?: Partial<SandboxPolicy>; dataDir: string; env: Record<string, string | undefined> };

export function createSandbox({ policy: given, dataDir, env }: SandboxOptions): SandboxPort {
  const policy = withDefaults(given);
  const options: DriverOptions = { policy, dataDir, home: env["HOME"] ?? homedir(), env };
  const driver = policy.mode === "off" ? undefined : policy.mode === "container" ? containerDriver(options) : processDriver(options);
  let asked: Promise<SandboxStatus> | undefined;
  const status = (): Promise<SandboxStatus> => (asked ??= statusOf(policy.mode, driver, options));
  return {
    status,
    async confine(program) {
      const { driver: chosen, why } = await status();
      if (chosen === "off" || !driver) return ok(asItIs(program));
      if (why !== undefined) return { ok: false, error: `Not run: the sandbox "${chosen}" is asked for, but ${why}.` };
      const confined = await driver.confine(withRealPaths(program));
      return confined.ok ? confined : { ok: false, error: `Not run: the sandbox could not be set up: ${confined.error}.` };
    },
    close: async () => await driver?.close(),
  };
}

async function statusOf(mode: SandboxPolicy["mode"], driver: Driver | undefined, { dataDir, env }: DriverOptions): Promise<SandboxStatus> {
  if (!driver || mode === "off") return { driver: "off", why: "it is turned off" };
  const why = driver.missing() ?? (await probe((program) => driver.confine(program), dataDir, env));
  if (mode === "auto") return why === undefined ? { driver: "process" } : { driver: "off", why };
  return why === undefined ? { driver: mode } : { driver: mode, why };
}

function asItIs({
  file,
  args,
  cwd,
  env,
}: Confinable): { driver: "off"; release(): Promise<undefined> } & Pick<Confinable, "file" | "args" | "cwd" | "env"> {
  return { driver: "off", file, args, cwd, env, release: () => Promise.resolve(undefined) };
}

/** Mounts are by real paths. */
function withRealPaths(program: Confinable): Confinable {
  return { ...program, root: realpathSync(program.root), cwd: realpathSync(program.cwd) };
}
