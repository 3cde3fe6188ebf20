// The sandbox port: which driver a command runs in. What is asked for is meant: only `auto` falls back to none, and says so.

import { realpathSync } from "node:fs";
import { homedir } from "node:os";
import type { Confinable, Confined, SandboxPolicy, SandboxPort, SandboxStatus, SandboxWish } from "../../core/sandboxPort.ts";
import { ok } from "../../protocol/result.ts";
import { containerDriver } from "./containerDriver.ts";
import type { Driver, Means } from "./driver.ts";
import { withDefaults } from "./policy.ts";
import { probe } from "./probe.ts";
import { processDriver } from "./processDriver.ts";

/** `policy` holds where a call brings none of its own. */
export type SandboxOptions = { policy?: SandboxWish; dataDir: string; env: Record<string, string | undefined> };

export function createSandbox({ policy: usual = {}, dataDir, env }: SandboxOptions): SandboxPort {
  const means: Means = { dataDir, home: env["HOME"] ?? homedir(), env };
  const drivers = new Map<string, Driver>();
  const tried = new Map<string, Promise<string | undefined>>();
  const driverFor = ({ mode, network, container }: SandboxPolicy): Driver => {
    const hosts = network.toSorted();
    const key = JSON.stringify(mode === "container" ? ["container", container] : ["process", hosts]);
    const known = drivers.get(key);
    const driver = known ?? (mode === "container" ? containerDriver(container, means) : processDriver(hosts, means));
    drivers.set(key, driver);
    return driver;
  };
  /** Whether it works does not hang on the hosts: one trial is enough for all of them. */
  const faultOf = (policy: SandboxPolicy): Promise<string | undefined> => {
    const key = JSON.stringify(policy.mode === "container" ? policy.container : "process");
    const trial = tried.get(key) ?? tryOut(driverFor(policy), policy, means);
    tried.set(key, trial);
    return trial;
  };
  const statusOf = async (policy: SandboxPolicy): Promise<SandboxStatus> => {
    const { mode, network } = policy;
    if (mode === "off") return { driver: "off", wanted: true };
    const why = mode === "container" && network.length > 0 ? noHosts : await faultOf(policy);
    if (mode === "auto") return why === undefined ? { driver: "process" } : { driver: "off", why };
    return why === undefined ? { driver: mode } : { driver: mode, why };
  };
  return {
    status: (wish = {}) => statusOf(withDefaults(usual, wish)),
    async confine(program, wish = {}) {
      const policy = withDefaults(usual, wish);
      const { driver, why } = await statusOf(policy);
      if (driver === "off") return ok(asItIs(program));
      if (why !== undefined) return { ok: false, error: `Not run: the sandbox "${driver}" is asked for, but ${why}.` };
      const confined = await driverFor(policy).confine(withRealPaths(program), policy);
      return confined.ok ? confined : { ok: false, error: `Not run: the sandbox could not be set up: ${confined.error}.` };
    },
    close: async () => {
      await Promise.all([...drivers.values()].map((driver) => driver.close()));
    },
  };
}

const noHosts = "containers have no way to single hosts; allow none, or use the sandbox for processes";

/** Undefined: it works. */
async function tryOut(driver: Driver, policy: SandboxPolicy, { dataDir, env }: Means): Promise<string | undefined> {
  return driver.missing() ?? (await probe((program) => driver.confine(program, policy), dataDir, env));
}

function asItIs({ file, args, cwd, env }: Confinable): Confined {
  return { driver: "off", file, args, cwd, env, release: () => Promise.resolve(undefined) };
}

/** Mounts are by real paths. */
function withRealPaths(program: Confinable): Confinable {
  return { ...program, root: realpathSync(program.root), cwd: realpathSync(program.cwd) };
}
