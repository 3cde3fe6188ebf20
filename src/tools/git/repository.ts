// Runs git on a repository that is not trusted: its configuration could name programs (filters, hooks, external diff,
// fsmonitor, signing), so only known-harmless keys are accepted and nothing is inherited from the environment.
// Owns the hardening; which commands there are is server.ts.

import { lstat, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { CallScope } from "../../core/ports.ts";
import { runProgram } from "../process/runProgram.ts";
import { done, failed } from "../toolDefinition.ts";
import type { Failed, Outcome } from "../toolDefinition.ts";

export type GitRun = { scope: CallScope; signal: AbortSignal };
export type Repository = { ok: true; run(args: string[], input?: string): Promise<Outcome> };

const timeoutMs = 25_000;

/** The repository at the top of the task's folder, if it is safe to run git on it. */
export async function openRepository(git: string, call: GitRun): Promise<Repository | Failed> {
  const root = await realpath(call.scope.root);
  const gitDir = join(root, ".git");
  const kind = await kindOf(gitDir);
  if (kind === "missing") return failed("not_a_repository", "The task's folder is not a git repository: there is no history to ask.");
  if (kind !== "folder" || (await kindOf(join(gitDir, "commondir"))) !== "missing")
    return failed("not_a_repository", "The folder's git data lies elsewhere (a linked worktree or submodule); git tools do not follow it.");
  const run = (args: string[], input?: string): Promise<Outcome> => runGit(git, root, args, call.signal, input);
  const listed = await run(["config", "--file", join(gitDir, "config"), "--no-includes", "--list", "-z"]);
  if (!listed.ok)
    return listed.code === "no_such_command" ? listed : failed("unsafe_repository", "The repository's configuration cannot be read.");
  const unsafe = listed.content.split("\0").find((entry) => entry.trim() !== "" && !isHarmless(entry));
  if (unsafe !== undefined)
    return failed(
      "unsafe_repository",
      `The repository's configuration sets ${keyOf(unsafe)}, which could run a program: git tools are not used on it. Ask the person to remove it, or work with the files alone.`,
    );
  return { ok: true, run };
}

async function kindOf(path: string): Promise<"missing" | "folder" | "other"> {
  try {
    return (await lstat(path)).isDirectory() ? "folder" : "other";
  } catch {
    return "missing";
  }
}

const harmless = [
  /^core\.(repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks|autocrlf|eol|safecrlf|abbrev|quotepath|compression|longpaths|protecthfs|protectntfs|checkstat|trustctime|untrackedcache|preloadindex|commitgraph)$/,
  /^(user\.(name|email)|init\.defaultbranch|extensions\.objectformat|extensions\.refstorage)$/,
  /^remote\..*\.(url|pushurl|fetch|push|prune|tagopt)$/,
  /^branch\..*\.(remote|merge|rebase|pushremote|description)$/,
  /^submodule\.(.*\.)?(url|active|update|branch)$/,
  /^(color|column|advice|gc|pack|index|fetch|pull|push|rerere|status|merge\.conflictstyle|diff\.(algorithm|renames|context|mnemonicprefix|noprefix|colormoved))(\..*)?$/,
];

/** An entry is a key and its value in the next line; what is switched off runs nothing. */
function isHarmless(entry: string): boolean {
  return entry === "core.fsmonitor\nfalse" || harmless.some((pattern) => pattern.test(keyOf(entry).toLowerCase()));
}

function keyOf(entry: string): string {
  return entry.split("\n", 1)[0]!.trim();
}

const hardening = Object.entries({
  "core.hooksPath": "/dev/null",
  "core.fsmonitor": "false",
  "core.pager": "cat",
  "core.editor": "true",
  "core.askPass": "",
  "core.attributesFile": "/dev/null",
  "core.excludesFile": "/dev/null",
  "core.quotePath": "false",
  "credential.helper": "",
  "commit.gpgSign": "false",
  "gpg.program": "false",
  "log.showSignature": "false",
  "protocol.allow": "never",
  "submodule.recurse": "false",
  "diff.ignoreSubmodules": "all",
  "gc.auto": "0",
  "maintenance.auto": "false",
  "color.ui": "never",
}).flatMap(([key, value]) => ["-c", `${key}=${value}`]);

async function runGit(git: string, root: string, args: string[], signal: AbortSignal, input?: string): Promise<Outcome> {
  const run = await runProgram({
    file: git,
    args: ["--no-pager", "--no-replace-objects", ...hardening, ...args],
    cwd: root,
    env: environment(root),
    signal,
    timeoutMs,
    ...(input === undefined ? {} : { input }),
  });
  if (run.ended === "cancelled") return failed("cancelled", "The call was cancelled.");
  if (run.ended === "timeout") return failed("timeout", `git did not finish within ${timeoutMs / 1000} s.`);
  if (run.ended === "not_started") return failed("no_such_command", "git could not be started. Is it installed and on PATH?");
  if (run.exitCode === 0) return done(run.output.text);
  const reason = run.errors.trim() || run.output.text.trim() || "git failed";
  return failed("exit_nonzero", `${reason}\nexit code ${run.exitCode ?? "none (ended by a signal)"}`, { exitCode: run.exitCode });
}

/** Nothing of the user's GIT_* comes along; the repository is named, so that none above it is looked for. */
function environment(root: string): Record<string, string | undefined> {
  return {
    PATH: process.env["PATH"],
    HOME: "/nonexistent",
    LANG: "C.UTF-8",
    GIT_DIR: join(root, ".git"),
    GIT_WORK_TREE: root,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOW_PROTOCOL: "",
  };
}
