// The driver `container`: each command in a container of its own, by docker or podman, with whatever runtime they are told
// to use. No network, nothing writable but the task's folder, no rights; what crashed runs left is found by its label.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Confinable, Confined, ContainerPolicy } from "../../core/sandboxPort.ts";
import { ok } from "../../protocol/result.ts";
import type { Driver, Limits, Means } from "./driver.ts";
import { type Ended, findProgram, isRunning, ownEnvironment, runShort } from "./programs.ts";
import { installedIn } from "./view.ts";

const label = "agent-orchestrator.process";
type Engine = { run: (args: string[]) => Promise<Ended>; remove: (names: string[]) => Promise<void> };

const engines = ["podman", "docker"] as const;

export function containerDriver(container: ContainerPolicy | undefined, means: Means): Driver {
  const { env } = means;
  const name = container?.engine ?? engines.find((one) => findProgram(one, env) !== undefined);
  const file = name && findProgram(name, env);
  const own = ownEnvironment(env);
  const engine: Engine = {
    run: (args) => runShort(file ?? "", args, { env: own }),
    async remove(names) {
      if (names.length > 0) await engine.run(["rm", "--force", ...(name === "podman" ? ["--time=0"] : []), ...names]);
    },
  };
  let swept: Promise<void> | undefined;
  return {
    missing() {
      if (!container?.image) return "no image is named for it; name one that has what the project's commands need";
      if (!name || !file) return `${container.engine ?? "neither podman nor docker"} was found; install podman or docker`;
      return undefined;
    },
    async confine(program, limits) {
      if (!file || !name || !container) return { ok: false, error: "there is no container engine" };
      await (swept ??= sweep(engine));
      const called = `ao-${process.pid}-${randomBytes(6).toString("hex")}`;
      const confined: Confined = {
        driver: "container",
        file,
        args: [
          "run",
          "--interactive",
          `--name=${called}`,
          `--label=${label}=${process.pid}`,
          ...(container.runtime ? [`--runtime=${container.runtime}`] : []),
          ...optionsOf(program, limits, { dataDir: means.dataDir, engine: name }),
          ...commandOf(program, container.image),
        ],
        cwd: program.cwd,
        env: { ...handedOn(program.env), ...own },
        release: () => release(engine, called),
      };
      return ok(confined);
    },
    close: async () => undefined,
  };
}

function optionsOf(
  { cwd, env, root, writable, workspace }: Confinable,
  { memoryMb, pids, cpu }: Limits,
  { dataDir, engine }: { dataDir: string; engine: string },
): string[] {
  // A folder's own files belong to the user inside as outside; podman without root maps users by itself.
  const user =
    engine === "podman" && process.getuid?.() !== 0
      ? ["--userns=keep-id"]
      : [`--user=${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`];
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
    ...(engine === "podman" ? ownLimits(pids) : []),
    "--tmpfs=/tmp:rw,exec,mode=1777",
    ...user,
    ...mount(root, writable),
    ...(workspace && workspace !== root ? installedIn(dataDir, workspace).flatMap((folder) => mount(folder, false)) : []),
    `--workdir=${cwd}`,
    // By name alone: the engine takes the values from its own environment, where no list of processes shows them.
    ...Object.keys(handedOn(env)).map((name) => `--env=${name}`),
    "--env=HOME=/tmp",
    "--env=TMPDIR=/tmp",
  ];
}

/** Podman starts containers itself, and would give them more open files and processes than it may have. */
function ownLimits(pids: number): string[] {
  const most = Math.max(4096, pids);
  try {
    const files = /^Max open files\s+\S+\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return [`--ulimit=nproc=${most}:${most}`, ...(files === undefined ? [] : [`--ulimit=nofile=${files}:${files}`])];
  } catch {
    return [];
  }
}

/** These say where things are on this machine; the image has its own. */
const placesHere =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|RUSTUP_HOME|CARGO_HOME|GOPATH|GOROOT|JAVA_HOME|VIRTUAL_ENV|PYENV_ROOT|NVM_DIR|VOLTA_HOME)$/;

function handedOn(env: Confinable["env"]): Confinable["env"] {
  return Object.fromEntries(Object.entries(env).filter(([name, value]) => value !== undefined && !placesHere.test(name)));
}

function mount(folder: string, writable: boolean): string[] {
  return [`--mount=type=bind,source=${folder},target=${folder}${writable ? "" : ",readonly"}`];
}

function commandOf({ file, args }: Confinable, image: string): string[] {
  // A path of this machine means nothing in the image; the program's name does.
  return [image, file.slice(file.lastIndexOf("/") + 1), ...args];
}

/** Whatever is left of it ends; how it ended tells of the limit. Engines do not always notice what the kernel did for them. */
async function release(engine: Engine, called: string): Promise<"memory" | undefined> {
  const { output } = await engine.run(["inspect", "--format={{.State.OOMKilled}} {{.State.ExitCode}}", called]);
  await engine.remove([called]);
  return /^true| 137$/m.test(output.trim()) ? "memory" : undefined;
}

/** Containers of processes that are no more. */
async function sweep(engine: Engine): Promise<void> {
  const { output } = await engine.run(["ps", "--all", `--filter=label=${label}`, "--format={{.Names}}"]);
  await engine.remove(output.split("\n").filter((name) => /^ao-\d+-/.test(name) && !isRunning(Number(name.split("-")[1]))));
}
