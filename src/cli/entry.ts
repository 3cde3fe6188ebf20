// What `ao` runs first. Loads on Node 20 and later; below 24 it hands over to a cached Node 24, or says how to get one.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const neededMajor = 24;

if (Number(process.versions.node.split(".")[0]) >= neededMajor) {
  const { main } = await import("./main.ts");
  process.exitCode = await main(process.argv.slice(2));
} else handOver();

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
  const child = spawnSync(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit", env });
  process.exitCode = child.status ?? 1;
}

function cachedNode(): string | undefined {
  const cache = process.env["AO_DEV_CACHE"] ?? join(homedir(), ".cache", "agent-orchestrator-dev");
  const platform = process.platform === "win32" ? "win" : process.platform;
  const name = process.platform === "win32" ? "node.exe" : "node";
  const cached = join(cache, "node", "node_modules", `node-${platform}-${process.arch}`, "bin", name);
  return [process.env["AO_NODE"], cached].find((path) => path !== undefined && existsSync(path));
}
