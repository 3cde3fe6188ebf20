// The `git` server: reading the history of the task's own repository, and committing to it. How git is kept from
// running anything of the repository's is repository.ts.

import { z } from "zod";
import { findPlace } from "../files.ts";
import { access, defineTool, done, failed } from "../toolDefinition.ts";
import type { Call, Outcome, ToolServer } from "../toolDefinition.ts";
import { contentPaths, exactly } from "./paths.ts";
import { openRepository } from "./repository.ts";
import type { Repository } from "./repository.ts";

const path = z.string().min(1).describe("Relative to the task's folder");
const noForeignPrograms = ["--no-ext-diff", "--no-textconv"];
/** Naming paths would otherwise hide the commits that touch none of them. */
const everyCommit = ["--full-history", "--sparse"];

export function gitServer(git: string): ToolServer {
  return {
    name: "git",
    tools: [
      defineTool({
        name: "status",
        description: "Shows the branch and which files are changed or new.",
        input: z.object({}),
        access: access.read,
        run: (_, call) => inRepository(git, call, (repo) => repo.run(["status", "--porcelain=v1", "--branch", "--untracked-files=all"])),
      }),
      defineTool({
        name: "diff",
        description:
          "Shows what changed since the last commit, new files included by name only in git__status. With path: only there. Files that may hold secrets (.env, keys) are left out unless path names one.",
        input: z.object({ path: path.optional() }),
        access: access.read,
        run: (input, call) => inRepository(git, call, (repo) => diff(repo, call, input.path)),
      }),
      defineTool({
        name: "log",
        description: "Shows the newest commits, one per line: hash, date, author, subject.",
        input: z.object({ limit: z.number().int().min(1).max(500).optional().describe("Default 20"), path: path.optional() }),
        access: access.read,
        run: (input, call) => inRepository(git, call, (repo) => log(repo, call, input.limit ?? 20, input.path)),
      }),
      defineTool({
        name: "show",
        description:
          "Shows one commit with its diff, or a file as it was in a commit (rev:path). Files that may hold secrets (.env, keys) are left out of a diff.",
        input: z.object({ rev: z.string().min(1).max(1000) }),
        access: access.read,
        run: (input, call) => inRepository(git, call, (repo) => show(repo, call, input.rev)),
      }),
      defineTool({
        name: "blame",
        description: "Shows for each line of a file in which commit it was last changed.",
        input: z.object({ path }),
        access: access.read,
        run: (input, call) =>
          inRepository(git, call, (repo) => withPath(call, input.path, (p) => repo.run(["blame", "--date=short", "--", p]))),
      }),
      defineTool({
        name: "commit",
        description: "Commits every change in the task's folder. Only needed where the task asks for commits: work is kept without.",
        input: z.object({ message: z.string().min(1) }),
        access: access.write,
        run: (input, call) => inRepository(git, call, (repo) => commit(repo, call, input.message)),
      }),
    ],
  };
}

async function inRepository(git: string, call: Call, work: (repository: Repository) => Promise<Outcome>): Promise<Outcome> {
  const repository = await openRepository(git, call);
  return repository.ok ? work(repository) : repository;
}

async function withPath(call: Call, given: string, work: (path: string) => Promise<Outcome>): Promise<Outcome> {
  const found = findPlace(call.scope, given);
  return found.ok ? work(found.place.relative) : found;
}

async function diff(repo: Repository, call: Call, given: string | undefined): Promise<Outcome> {
  const base = (await hasCommit(repo)) ? ["HEAD"] : ["--cached"];
  const changes = (path?: string): Promise<Outcome> =>
    repo.run(["diff", ...noForeignPrograms, ...base, "--", ...contentPaths(call.scope, path)]);
  const result = given === undefined ? await changes() : await withPath(call, given, changes);
  return result.ok && result.content === "" ? done("No changes to tracked files.") : result;
}

async function show(repo: Repository, call: Call, rev: string): Promise<Outcome> {
  if (!isRevision(rev)) return failed("invalid_arguments", `${JSON.stringify(rev)} is not a revision.`);
  return repo.run([
    "show",
    ...noForeignPrograms,
    ...everyCommit,
    "--stat",
    "--patch",
    "--end-of-options",
    rev,
    "--",
    ...contentPaths(call.scope),
  ]);
}

async function log(repo: Repository, call: Call, limit: number, given: string | undefined): Promise<Outcome> {
  if (!(await hasCommit(repo))) return done("There are no commits yet.");
  const args = ["log", `--max-count=${limit}`, "--date=short", "--format=%h %ad %an: %s", "--end-of-options", "HEAD", "--"];
  const result = given === undefined ? await repo.run(args) : await withPath(call, given, (p) => repo.run([...args, exactly(p)]));
  return result.ok && result.content === "" ? done(`No commit touches ${given}.`) : result;
}

async function commit(repo: Repository, call: Call, message: string): Promise<Outcome> {
  if (!call.scope.writable) return failed("not_writable", "This task may only read: it cannot commit.");
  const added = await repo.run(["add", "--all"]);
  if (!added.ok) return added;
  if ((await hasCommit(repo)) && (await repo.run(["diff", "--cached", "--quiet", ...noForeignPrograms])).ok)
    return failed("nothing_to_commit", "There are no changes to commit.");
  const identity = (await repo.run(["config", "--get", "user.email"])).ok
    ? []
    : ["-c", "user.name=Agent Orchestrator", "-c", "user.email=agent-orchestrator@localhost"];
  const made = await repo.run([...identity, "commit", "--no-verify", "--cleanup=whitespace", "--file=-"], message);
  if (!made.ok) return made;
  return repo.run(["log", "--max-count=1", "--stat", "--format=Committed %h: %s"]);
}

async function hasCommit(repo: Repository): Promise<boolean> {
  return (await repo.run(["rev-parse", "--verify", "--quiet", "HEAD"])).ok;
}

/** Names and expressions of commits; nothing that git could take for an option or a range with one. */
function isRevision(rev: string): boolean {
  return !rev.startsWith("-") && /^[^\s\0]+$/.test(rev) && !/\p{Cc}/u.test(rev);
}
