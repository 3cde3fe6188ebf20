// What `ao` runs first. Loads on Node 20 and later; below 24 it hands over to a cached Node 24, or says how to get one.
// The two processes live and end as one: signals are passed on, and a worker whose launcher is gone stops its team.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import nodeModule from "node:module";
import { constants, homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

const neededMajor = 24;
const passedOn: NodeJS.Signals[] = ["SIGTERM", "SIGHUP", "SIGINT"];

const major = Number(process.versions.node.split(".")[0]);
const decides = process.argv[2] === "policy";
// Deciding on a call is asked for by scripts many times over: what is compiled for it is compiled quickly, and since it
// needs no store, no second process is started for it.
if (decides) setFlagsFromString("--liftoff-only");
if (major >= neededMajor || (decides && major >= 20)) {
  if (major >= neededMajor) nodeModule.enableCompileCache();
  endWithLauncher();
  const { main } = await import("./main.ts");
  process.exitCode = await main(process.argv.slice(2));
  if (process.connected) process.disconnect();
} else handOver();

/** Under a launcher there is a channel to it; when that closes before our end, the launcher was killed. */
function endWithLauncher(): void {
  if (!process.channel) return;
  process.channel.unref();
  process.once("disconnect", () => void (process.exitCode === undefined && process.kill(process.pid, "SIGTERM")));
}

function handOver(): void {
  const node = cachedNode();
  if (!node) {
    process.stderr.write(
      `ao needs Node ${neededMajor} or later (this is ${process.version}); install it from https://nodejs.org, or set AO_NODE to its path.\n`,
    );
    process.exitCode = 2;
    return;
  }
  // What the agents start finds the same Node first, so that `npm test` runs under what `ao` itself runs under.
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env["PATH"] ?? ""}` };
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env,
  });
  for (const signal of passedOn) {
    // A terminal sends Ctrl-C to both of us; passing it on would make it two.
    process.on(signal, () => void ((signal === "SIGINT" && process.stdin.isTTY) || child.kill(signal)));
  }
  child.on("close", (code, signal) => {
    if (signal) process.stderr.write(`ao: ended by ${signal}; what was recorded is safe: ao resume --last\n`);
    process.exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
  });
}

function cachedNode(): string | undefined {
  const cache = process.env["AO_DEV_CACHE"] ?? join(homedir(), ".cache", "agent-orchestrator-dev");
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = process.platform === "win32" ? "node.exe" : "node";
  const cached = join(cache, "node", "node_modules", `node-${platform}-${process.arch}`, "bin", name);
  return [process.env["AO_NODE"], cached].find((path) => path !== undefined && existsSync(path));
}
