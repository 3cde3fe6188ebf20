// What `npm start`, `npm test` and the other commands begin with: plain JavaScript without dependencies, for any Node ≥ 20.
// Gets Node 24 if this one is older, installs from the lockfile, builds, and goes on under Node 24. Nothing is done twice.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cache = process.env.AO_DEV_CACHE ?? join(homedir(), ".cache", "agent-orchestrator-dev");
const neededMajor = 24;
const isWindows = process.platform === "win32";

/** What each command runs under Node 24, after the set-up. */
const tasks = {
  start: ["scripts/start.ts"],
  demo: ["scripts/demo.ts"],
  "demo:killed": ["scripts/killedDemo.ts"],
  test: ["scripts/test.ts"],
  "test:unit": ["scripts/test.ts", "--fast"],
  "test:look": ["scripts/test.ts", "--look"],
  check: ["scripts/check.ts"],
  "test:integration": ["test/vscode/runTest.ts"],
  package: ["scripts/vscode/package.ts"],
  bench: ["bench/main.ts"],
  "bench:guard": ["bench/guard.ts"],
  "bench:workspace": ["bench/workspace.ts"],
  build: ["esbuild.config.mjs"],
};

main(process.argv[2] ?? "", process.argv.slice(3));

function main(name, args) {
  const task = tasks[name];
  if (!task) fail(`there is no task "${name}"; there are: ${Object.keys(tasks).join(", ")}`);
  const node = node24();
  const path = `${dirname(node)}${delimiter}${process.env.PATH ?? ""}`;
  const env = { ...process.env, PATH: path, AO_NODE: node };
  install(node, env);
  if (name !== "check" && name !== "build") build(node, env);
  const done = spawnSync(node, [...task, ...args], { cwd: root, env, stdio: "inherit" });
  process.exitCode = done.status ?? 1;
}

function node24() {
  if (Number(process.versions.node.split(".")[0]) >= neededMajor) return process.execPath;
  const name = `node-${isWindows ? "win" : process.platform}-${process.arch}`;
  const node = join(cache, "node", "node_modules", name, "bin", isWindows ? "node.exe" : "node");
  if (existsSync(node)) return node;
  say(`Node ${neededMajor} is needed (this is ${process.version}); getting it into ${cache}`);
  mkdirSync(join(cache, "node"), { recursive: true });
  npm(
    process.execPath,
    ["install", "--prefix", join(cache, "node"), "--no-save", "--ignore-scripts", `${name}@${neededMajor}`],
    process.env,
    cache,
  );
  if (!existsSync(node))
    fail(`Node ${neededMajor} could not be had for ${process.platform}-${process.arch}; install it from https://nodejs.org and try again`);
  return node;
}

function install(node, env) {
  const stamp = join(root, "node_modules", ".installed");
  const wanted = digest([readFileSync(join(root, "package-lock.json"))]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  say("Installing the dependencies of the lockfile");
  npm(node, ["ci", "--ignore-scripts"], env, root);
  writeFileSync(stamp, wanted);
  if (!process.env.CI && existsSync(join(root, ".git")))
    spawnSync("git", ["config", "core.hooksPath", "scripts/hooks"], { cwd: root, stdio: "ignore" });
}

function build(node, env) {
  const stamp = join(root, "dist", ".built");
  const wanted = digest(
    sources(["src", "webview", "esbuild.config.mjs", "package-lock.json"]).map(
      (file) => `${file}:${statSync(file).mtimeMs}:${statSync(file).size}`,
    ),
  );
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  const built = spawnSync(node, ["esbuild.config.mjs"], { cwd: root, env, stdio: "inherit" });
  if (built.status !== 0) fail("the build failed");
  writeFileSync(stamp, wanted);
}

function sources(paths) {
  return paths.flatMap((path) => {
    const full = join(root, path);
    return statSync(full).isDirectory()
      ? readdirSync(full, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      : [full];
  });
}

/** The npm that started this, run by the given Node; else the one on PATH. */
function npm(node, args, env, cwd) {
  const cli = process.env.npm_execpath;
  const [command, prefix] = cli && /\.[cm]?js$/.test(cli) ? [node, [cli]] : [isWindows ? "npm.cmd" : "npm", []];
  const done = spawnSync(command, [...prefix, ...args, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd,
    env,
    stdio: ["ignore", "inherit", "inherit"],
    shell: isWindows,
  });
  if (done.status !== 0) fail(`npm ${args[0]} failed; is the registry reachable?`);
}

function digest(parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}

function say(words) {
  process.stderr.write(`${words} …\n`);
}

function fail(words) {
  process.stderr.write(`agent-orchestrator: ${words}\n`);
  process.exit(1);
}
