// `ao doctor`: what works on this machine, each by trying it, with the remedy where it does not.

import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { promisify } from "node:util";
import { messageOf } from "../../protocol/result.ts";
import { checkRecord, openRecord } from "../../runtime/record.ts";
import { dataDirOf, UnusableDataDir } from "../../runtime/places.ts";
import { openSandbox, sandboxWish } from "../../runtime/sandbox.ts";
import { snapshotBytes, tidyLimits } from "../../runtime/tidiness.ts";
import type { Command, Io } from "../command.ts";
import { jsonOption } from "../command.ts";
import { workspaceOf } from "../open.ts";
import { counted, mib, paint } from "../format.ts";
import { exit } from "../usage.ts";

type Finding = { what: string; ok: boolean; needed: boolean; detail: string; /** In place of "absent". */ word?: string };

const run = promisify(execFile);

export const doctorCommand: Command = {
  name: "doctor",
  args: "[--json]",
  summary: "Tell what works on this machine and what is missing",
  options: { json: jsonOption },
  arity: [0, 0],
  run: async ({ values, io }) => {
    const findings = await examine(io);
    if (values["json"]) io.out(JSON.stringify(findings));
    else for (const finding of findings) io.out(lineOf(finding, io.colour));
    return findings.some((finding) => finding.needed && !finding.ok) ? exit.failed : exit.done;
  },
};

function lineOf({ what, ok, needed, detail, word = "absent" }: Finding, colour: boolean): string {
  const mark = ok ? paint("green", "ok     ", colour) : needed ? paint("red", "missing", colour) : paint("yellow", word.padEnd(7), colour);
  return `${mark}  ${what}: ${detail}`;
}

async function examine(io: Io): Promise<Finding[]> {
  const { env } = io;
  return [
    { what: "Node", ok: true, needed: true, detail: process.version },
    await program("git", ["--version"], true, "install git; snapshots and worktrees need it"),
    await program("rg", ["--version"], false, "install ripgrep for fast searches; a slower search is used without it"),
    await store(io),
    await snapshots(io),
    key(env, "ANTHROPIC_API_KEY", "for models anthropic:…"),
    key(env, "OPENAI_API_KEY", "for models openai:…"),
    await sandbox(io),
    await containers(env),
    { what: "model demo", ok: true, needed: false, detail: "scripted, needs no key and no network: ao run … --model demo" },
  ];
}

async function program(name: string, args: string[], needed: boolean, remedy: string): Promise<Finding> {
  try {
    const { stdout } = await run(name, args, { timeout: 10_000 });
    return { what: name, ok: true, needed, detail: stdout.split("\n")[0] ?? "" };
  } catch {
    return { what: name, ok: false, needed, detail: `not found; ${remedy}` };
  }
}

/** Proved by a command that really runs. */
async function sandbox(io: Io): Promise<Finding> {
  const { env } = io;
  const found = openSandbox(env);
  const { driver, why, wanted } = await found.status(await sandboxWish(env, workspaceOf({ values: {}, io })));
  await found.close();
  const ok = driver !== "off" && why === undefined;
  const words = (): string => {
    if (wanted) return "commands run unsandboxed, since the policy turns it off";
    if (driver === "off") return `commands run unsandboxed, since ${why}; at levels default and assisted each one is asked`;
    return why === undefined
      ? `${driver}; a trial command wrote in its own folder, nowhere else, and reached no network`
      : `the policy asks for "${driver}", so no command runs, since ${why}`;
  };
  return { what: "sandbox for commands", ok, needed: false, detail: words() };
}

async function containers(env: Io["env"]): Promise<Finding> {
  const what = "sandbox in containers";
  for (const engine of ["podman", "docker"]) {
    const fault = await run(engine, ["info"], { timeout: 10_000, env }).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    );
    if (!fault) return { what, ok: true, needed: false, detail: `${engine} answers; used where a policy names an image for it` };
    if (fault.code !== "ENOENT") return { what, ok: false, needed: false, detail: `${engine} is installed but does not answer; start it` };
  }
  return { what, ok: false, needed: false, detail: "not found; install podman or docker to run commands in containers" };
}

async function store(io: Io): Promise<Finding> {
  const dir = dataDirOf(io.env);
  try {
    const record = await openRecord(io.env, (line) => io.err(`ao: ${line}`));
    const sessions = await record.listSessions({ limit: 1000 });
    await record.close();
    // What is found damaged here is recovered at once.
    if (!(await checkRecord(io.env)).sound) await (await openRecord(io.env, (line) => io.err(`ao: ${line}`))).close();
    accessSync(dir, constants.W_OK);
    return {
      what: "store",
      ok: true,
      needed: true,
      detail: `${dir}, SQLite ${process.versions["sqlite"] ?? "?"}, ${counted(sessions.length, "session")}`,
    };
  } catch (error) {
    return {
      what: "store",
      ok: false,
      needed: true,
      detail:
        error instanceof UnusableDataDir ? error.message : `${dir}: ${messageOf(error)}; set AO_DATA_DIR to a folder that can be written`,
    };
  }
}

/** What no session needs is removed after some days (`runtime/tidiness.ts`). */
async function snapshots({ env }: Io): Promise<Finding> {
  const { bytes, workspaces, above } = await snapshotBytes(dataDirOf(env));
  const all = `${mib(bytes)} of ${counted(workspaces, "workspace")}`;
  if (above.length === 0) return { what: "snapshots", ok: true, needed: false, detail: all };
  const names = above.map((one) => `${one.workspace} (${mib(one.bytes)})`).join(", ");
  const detail = `${all}; above ${mib(tidyLimits.budget)}: ${names}. What no session needs goes after a day; sessions that you remove let go of theirs`;
  return { what: "snapshots", ok: false, needed: false, detail, word: "above" };
}

function key(env: Record<string, string | undefined>, name: string, purpose: string): Finding {
  return { what: name, ok: Boolean(env[name]), needed: false, detail: env[name] ? `set, ${purpose}` : `not set; needed ${purpose}` };
}
