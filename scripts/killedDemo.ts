// `npm run demo:killed`: the demo twice, once in one go and once killed with `kill -9` again and again, each time gone on
// with by `ao resume`. Both end with the same files; the killed one's record is shown where it was cut, and made again.
// A seed may be given, to have the same moments again: npm run demo:killed -- 7

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { random } from "../test/support/random.ts";

const mostLives = 60;
const cli = resolve("dist/cli.js");
const { feature } = parse(readFileSync("agents/demo/goals.yaml", "utf8")) as { feature: string };
const seed = Number(process.argv[2] ?? Date.now() % 100_000);
const draw = random(seed);
const home = mkdtempSync(join(tmpdir(), "agent-orchestrator-killed-"));
const env = { ...process.env, AO_DATA_DIR: join(home, "data"), NO_COLOR: "1" };

type Session = { id: string; status: string; workspace: string };

const goal = ["run", feature.trim(), "--model", "demo", "--level", "bypass", "--apply", "--workspace"];

try {
  say(`In one go (data and projects in ${home}) …`);
  const whole = project("whole");
  const began = performance.now();
  const ended = ao(...goal, whole);
  if (ended.status !== 0) fail(`the demo itself failed:\n${ended.stdout}${ended.stderr}`);
  const wholeMs = performance.now() - began;

  say(`The same, killed again and again (seed ${seed}) …`);
  const cut = project("killed");
  const session = await liveOn(cut, wholeMs);

  const [expected, actual] = [filesIn(whole), filesIn(cut)];
  const differing = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].filter((path) => expected[path] !== actual[path]);
  if (differing.length > 0) fail(`these files are not what they are without a kill: ${differing.join(", ")}`);
  say(`\nThe same ${Object.keys(expected).length} files with the same content. Where it was cut, in its record:`);
  for (const line of ao("trace", session).stdout.split("\n")) if (/resumed|interrupted|Unknown outcome/.test(line)) say(line.slice(0, 160));
  const replayed = ao("replay", session);
  say(`\n${replayed.stdout.trim()}`);
  if (replayed.status !== 0) fail(replayed.stderr || "the record cannot be made again");
} finally {
  rmSync(home, { recursive: true, force: true });
}

/** Kills whatever goes on until nothing is left to go on with; answers the session's id. */
async function liveOn(folder: string, wholeMs: number): Promise<string> {
  let kills = 0;
  for (let lives = 1; lives <= mostLives; lives++) {
    const known = sessionIn(folder);
    if (known?.status === "done") {
      say(`Done after ${kills} kills in ${lives - 1} lives.`);
      if (kills < 3) fail("it was killed too seldom to show anything; give another seed");
      return known.id;
    }
    const child = spawn(process.execPath, [cli, ...(known ? ["resume", known.id] : [...goal, folder])], { env, stdio: "ignore" });
    // Most of a short life is the start of the program; sooner or later one lives to the end.
    const was = await killedAfter(child, 150 + draw() * wholeMs * (0.2 + lives / 20));
    if (was === "killed") kills++;
  }
  return fail(`it is not done after ${mostLives} lives`);
}

async function killedAfter(child: ChildProcess, ms: number): Promise<"killed" | "ended"> {
  return new Promise((settle) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), ms);
    child.once("exit", (_code, signal) => {
      clearTimeout(timer);
      settle(signal === "SIGKILL" ? "killed" : "ended");
    });
  });
}

function project(name: string): string {
  const folder = join(home, name);
  cpSync("agents/demo/project", folder, { recursive: true });
  return folder;
}

function sessionIn(folder: string): Session | undefined {
  const listed = ao("list", "--workspace", folder, "--json");
  if (listed.status !== 0) fail(listed.stderr);
  return (JSON.parse(listed.stdout) as Session[])[0];
}

function filesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    names.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return [file.slice(folder.length + 1), readFileSync(file, "utf8")];
    }),
  );
}

function ao(...args: string[]): { status: number; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { env, encoding: "utf8", maxBuffer: 2 ** 28 });
  return { status: status ?? 1, stdout, stderr };
}

function say(words: string): void {
  process.stdout.write(`${words}\n`);
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`);
  throw new Error("not the same");
}
