// The driver `container`: each command in a container of its own, by docker or podman, with whatever runtime they are told
// to use. No network, nothing writable but the task's folder, no rights; what crashed runs left is found by its label.

import { randomBytes } from "node:crypto";
import type { Confinable, Confined } from "../../core/sandboxPort.ts";
import { ok } from "../../protocol/result.ts";
import type { Driver, DriverOptions } from "./processDriver.ts";
import { findProgram, isRunning, ownEnvironment, runShort } from "./programs.ts";
import { installedIn } from "./view.ts";

const label = "agent-orchestrator.process";
const engines = ["podman", "docker"] as const;

export function containerDriver(options: DriverOptions): Driver {
  const { policy, env } = options;
  const { container } = policy;
  const name = container?.engine ?? engines.find((one) => findProgram(one, env) !== undefined);
  const file = name && findProgram(name, env);
  const own = ownEnvironment(env);
  let swept: Promise<void> | undefined;
  return {
    missing() {
      if (!container?.image) return "no image is named for it; name one that has what the project's commands need";
      if (!name || !file) return `${container.engine ?? "neither podman nor docker"} was found; install podman or docker`;
      if (policy.network.allow.length > 0) return "containers have no way to single hosts; allow none, or use the sandbox for processes";
      return undefined;
    },
    async confine(program) {
      if (!file || !name || !container) return { ok: false, error: "there is no container engine" };
      await (swept ??= sweep(file, own));
      const called = `ao-${process.pid}-${randomBytes(6).toString("hex")}`;
      const confined: Confined = {
        driver: "container",
        file,
        args: [
          "run",
          `--name=${called}`,
          `--label=${label}=${process.pid}`,
          ...optionsOf(program, options, name),
          ...commandOf(program, container.image),
        ],
        cwd: program.cwd,
        env: own,
        release: () => release(file, name, called, own),
      };
      return ok(confined);
    },
    close: async () => undefined,
  };
}

function optionsOf({ cwd, env, root, writable, workspace }: Confinable, { policy, dataDir }: DriverOptions, engine: string): string[] {
  const { memoryMb, pids, cpu, container } = policy;
  // A folder's own files belong to the user inside as outside; podman without root maps users by itself.
  const user =
    engine === "podman" && process.getuid?.() !== 0
      ? ["--userns=keep-id"]
      : [`--user=${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`];
  const given = Object.entries(env).filter(([name, value]) => value !== undefined && shared.has(name));
  return [
    "--pull=never",
    "--network=none",
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    `--pids-limit=${pids}`,
    `--memory=${memoryMb}m`,
    `--memory-swap=${memoryMb}m`,
    ...(cpu === undefined ? [] : [`--cpus=${cpu}`]),
    ...(container?.runtime ? [`--runtime=${container.runtime}`] : []),
    "--init",
    "--tmpfs=/tmp:rw,exec,mode=1777",
    ...user,
    ...mount(root, writable),
    ...(workspace && workspace !== root ? installedIn(dataDir, workspace).flatMap((folder) => mount(folder, false)) : []),
    `--workdir=${cwd}`,
    ...[...given, ["HOME", "/tmp"], ["TMPDIR", "/tmp"]].map(([name, value]) => `--env=${name}=${value}`),
  ];
}

/** The rest is the image's own: its PATH, its toolchains. */
const shared = new Set(["LANG", "LC_ALL", "TZ", "TERM", "NO_COLOR", "PAGER", "GIT_PAGER", "GIT_TERMINAL_PROMPT"]);

function mount(folder: string, writable: boolean): string[] {
  return [`--mount=type=bind,source=${folder},target=${folder}${writable ? "" : ",readonly"}`];
}

function commandOf({ file, args }: Confinable, image: string): string[] {
  // A path of this machine means nothing in the image; the program's name does.
  return [image, file.slice(file.lastIndexOf("/") + 1), ...args];
}

/** Whatever is left of it ends; how it ended tells of the limit. */
async function release(file: string, engine: string, called: string, env: Confinable["env"]): Promise<"memory" | undefined> {
  const { output } = await runShort(file, ["inspect", "--format={{.State.OOMKilled}}", called], { env });
  await runShort(file, ["rm", "--force", ...(engine === "podman" ? ["--time=0"] : []), called], { env });
  return output.trim() === "true" ? "memory" : undefined;
}

/** Containers of processes that are no more. */
async function sweep(file: string, env: Confinable["env"]): Promise<void> {
  const { output } = await runShort(file, ["ps", "--all", `--filter=label=${label}`, "--format={{.Names}}"], { env });
  const left = output.split("\n").filter((name) => /^ao-\d+-/.test(name) && !isRunning(Number(name.split("-")[1])));
  if (left.length > 0) await runShort(file, ["rm", "--force", ...left], { env });
}
