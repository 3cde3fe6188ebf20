// A program of its own: holds the sandbox library for one list of hosts (its state is global to a process) and says how a
// command is to be started. It starts none itself. One line of JSON in, one out; ends, with its proxies, when its input does.

import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { SandboxManager } from "@anthropic-ai/sandbox-runtime";
import { messageOf } from "../../protocol/result.ts";
import type { FromHelper, HelperOptions, ToHelper } from "./helperClient.ts";

const options = JSON.parse(process.argv[2] ?? "{}") as HelperOptions;

function say(message: FromHelper): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function begin(): Promise<void> {
  // Its own empty folder: where it stands, the library looks for files to guard.
  process.chdir(options.folder);
  await SandboxManager.initialize({
    network: { allowedDomains: options.hosts, deniedDomains: [], strictAllowlist: true },
    filesystem: { denyRead: [], allowWrite: [], denyWrite: [] },
    ripgrep: { command: "true" },
    ...(options.bwrap ? { bwrapPath: options.bwrap } : {}),
    ...(options.socat ? { socatPath: options.socat } : {}),
    ...(options.seccomp ? { seccomp: { applyPath: options.seccomp } } : {}),
  });
}

async function answer(request: ToHelper): Promise<void> {
  if (request.kind === "done") return SandboxManager.cleanupAfterCommand();
  const { id, command, commandId, view } = request;
  try {
    const { argv } = await SandboxManager.wrapWithSandboxArgv(command, options.shell, { filesystem: view }, undefined, undefined, {
      commandId,
      commandText: "command",
    });
    say({ id, argv });
  } catch (error) {
    say({ id, error: messageOf(error) });
  }
}

const lines = createInterface({ input: process.stdin });
const begun = begin().then(
  () => say({ id: 0, argv: [] }),
  (error: unknown) => say({ id: 0, error: messageOf(error) }),
);
lines.on("line", (line) => void begun.then(() => answer(JSON.parse(line) as ToHelper)));
lines.on("close", () => {
  void SandboxManager.reset().finally(() => {
    // Whoever started it may have been killed, and removes it no more.
    rmSync(options.folder, { recursive: true, force: true });
    process.exit(0);
  });
});
