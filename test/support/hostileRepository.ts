// A repository with every way that git knows to run a program of the repository's choosing. Each leaves a file of its name
// in a folder of canaries; `spring` shows with plain git that the traps are armed.

import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commitAll, gitIn, writeFiles } from "./gitProject.ts";

export type Hostile = { path: string; canaries: () => string[] };

const hooks = [
  "applypatch-msg",
  "commit-msg",
  "fsmonitor-watchman",
  "p4-changelist",
  "post-applypatch",
  "post-checkout",
  "post-commit",
  "post-index-change",
  "post-merge",
  "post-rewrite",
  "pre-applypatch",
  "pre-auto-gc",
  "pre-commit",
  "pre-merge-commit",
  "pre-push",
  "pre-rebase",
  "prepare-commit-msg",
  "push-to-checkout",
  "reference-transaction",
  "sendemail-validate",
];

const attributes = [
  "*.clean filter=oneshot",
  "*.process filter=process",
  "*.included filter=included",
  "*.worktree filter=worktree",
  "*.external diff=external",
  "*.text diff=text",
  "*.merge merge=driver",
];
const files = {
  ".gitattributes": `${attributes.join("\n")}\n`,
  ...Object.fromEntries(
    ["clean", "process", "included", "worktree", "external", "text", "merge"].map((kind) => [`f.${kind}`, "1\n2\n3\n4\n5\n"]),
  ),
  "plain.ts": "export const a = 1;\n",
  ".gitmodules": '[submodule "sub"]\n\tpath = sub\n\turl = ./sub\n',
  "package.json": '{ "name": "trap", "scripts": { "test": "node --test" } }\n',
};

/** Makes it in `folder`, which has to be empty. */
export function makeHostile(folder: string): Hostile {
  const [path, ran, programs] = ["project", "ran", "programs"].map((name) => join(folder, name)) as [string, string, string];
  for (const made of [path, ran, programs]) mkdirSync(made, { recursive: true });
  writeFiles(path, files);
  writeFiles(path, { "sub/s.ts": "s\n", "nested/n.ts": "n\n" });
  for (const inner of ["sub", "nested"]) commitAll(join(path, inner));
  commitAll(path);
  gitIn(path, "branch", "other");
  const program = (name: string, rest = ""): string => {
    const file = join(programs, name);
    writeFileSync(file, `#!/bin/sh\n: > '${join(ran, name)}'\n${rest}\n`);
    chmodSync(file, 0o755);
    return file;
  };
  const through = (name: string): string => program(name, "cat");
  const set = (where: string, settings: Record<string, string>, ...how: string[]): void => {
    for (const [key, value] of Object.entries(settings)) gitIn(where, "config", ...how, key, value);
  };
  const included = join(folder, "included.config");
  writeFileSync(included, `[filter "included"]\n\tclean = ${through("included")}\n\tsmudge = ${through("included")}\n`);
  set(path, {
    "filter.oneshot.clean": through("filter-clean"),
    "filter.oneshot.smudge": through("filter-smudge"),
    "filter.process.process": program("filter-process", "exit 1"),
    "diff.external.command": program("diff-command"),
    "diff.text.textconv": program("textconv", 'cat "$1"'),
    "diff.external": program("diff-external"),
    "merge.driver.driver": `${program("merge-driver")} %A`,
    "alias.trap": `!${program("alias")}`,
    "include.path": included,
    "includeIf.gitdir:**.path": included,
    "core.fsmonitor": program("fsmonitor", "exit 1"),
    "core.sshCommand": program("ssh", "exit 1"),
    "core.askPass": program("askpass"),
    "core.editor": program("editor"),
    "core.pager": program("pager", "cat > /dev/null"),
    "gpg.program": program("gpg", "exit 1"),
    "credential.helper": `!${program("credential")}`,
    "trailer.by.key": "By",
    "trailer.by.command": program("trailer"),
    "submodule.sub.update": `!${program("submodule")}`,
    "submodule.sub.url": join(path, "sub"),
    "remote.far.url": "ssh://nowhere.invalid/x",
    "remote.command.url": `ext::${program("ext")}`,
    "protocol.ext.allow": "always",
    "extensions.worktreeConfig": "true",
    "core.repositoryFormatVersion": "1",
  });
  writeFileSync(
    join(path, ".git", "config.worktree"),
    `[filter "worktree"]\n\tclean = ${through("config-worktree")}\n\tsmudge = ${through("config-worktree")}\n`,
  );
  for (const hook of hooks) symlinkSync(program(`hook-${hook}`), join(path, ".git", "hooks", hook));
  for (const inner of ["sub", "nested"])
    set(join(path, inner), { "core.fsmonitor": program(`${inner}-fsmonitor`, "exit 1"), "core.hooksPath": join(path, ".git", "hooks") });
  bareInside(path, program("bare-fsmonitor", "exit 1"));
  stale(path);
  return { path, canaries: () => readdirSync(ran).toSorted() };
}

/** A folder that git takes for a repository by what is in it. */
function bareInside(path: string, program: string): void {
  for (const made of ["objects", "refs"]) mkdirSync(join(path, "bare", made), { recursive: true });
  writeFileSync(join(path, "bare", "HEAD"), "ref: refs/heads/main\n");
  writeFileSync(
    join(path, "bare", "config"),
    `[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n\tfsmonitor = ${program}\n`,
  );
  writeFileSync(join(path, "bare", "b.ts"), "b\n");
}

/** The index no longer knows the files: filters are asked for their contents. */
export function stale(path: string): void {
  for (const name of readdirSync(path)) if (name.startsWith("f.")) utimesSync(join(path, name), 1, 1);
}

/** What any plain use of git does here. */
export function spring({ path }: Hostile): void {
  const env = {
    PATH: process.env["PATH"],
    HOME: dirname(path),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_AUTHOR_NAME: "user",
    GIT_AUTHOR_EMAIL: "user@localhost",
    GIT_COMMITTER_NAME: "user",
    GIT_COMMITTER_EMAIL: "user@localhost",
  };
  const git = (where: string, ...args: string[]): void =>
    void spawnSync("git", args, { cwd: join(path, where), env, input: "protocol=https\nhost=nowhere.invalid\n\n", timeout: 20_000 });
  git(".", "status");
  git(".", "trap");
  for (const name of readdirSync(path)) if (name.startsWith("f.")) appendFileSync(join(path, name), "6\n");
  // A filter that does not answer ends all that follows.
  git(".", "config", "--unset", "filter.process.process");
  git(".", "diff");
  git(".", "diff", "--no-ext-diff");
  git(".", "add", "--all");
  git(".", "commit", "--edit");
  git(".", "commit", "-m", "m", "--trailer", "By: x");
  git(".", "commit", "-S", "--allow-empty", "-m", "signed");
  git(".", "commit", "--amend", "--no-edit");
  git(".", "checkout", "other");
  writeFileSync(join(path, "f.merge"), "0\n1\n2\n3\n4\n5\n");
  git(".", "commit", "-am", "other");
  git(".", "merge", "main", "--no-edit");
  git(".", "rebase", "main");
  git(".", "fetch", "far");
  git(".", "fetch", "command");
  git(".", "credential", "fill");
  git(".", "submodule", "update", "--init", "--force", "--", "sub");
  git("nested", "status");
  git("sub", "status");
  git("bare", "status");
  if (existsSync("/usr/bin/script"))
    spawnSync("/usr/bin/script", ["-qec", "git log", "/dev/null"], { cwd: path, env: { ...env, TERM: "xterm" }, timeout: 20_000 });
}

/** A repository's data anywhere but in a plain `.git` folder of its own. */
export const elsewhere: Record<string, (path: string) => void> = {
  "a `.git` file that points elsewhere": (path) => {
    execFileSync("mv", [join(path, ".git"), join(dirname(path), "data.git")]);
    writeFileSync(join(path, ".git"), `gitdir: ${join(dirname(path), "data.git")}\n`);
  },
  "`.git` as a link": (path) => {
    execFileSync("mv", [join(path, ".git"), join(dirname(path), "data.git")]);
    symlinkSync(join(dirname(path), "data.git"), join(path, ".git"));
  },
  "`core.worktree` elsewhere": (path) => {
    mkdirSync(join(dirname(path), "other"));
    gitIn(path, "config", "core.worktree", join(dirname(path), "other"));
  },
  alternates: (path) => {
    mkdirSync(join(dirname(path), "alternate.git", "objects"), { recursive: true });
    writeFileSync(join(path, ".git", "objects", "info", "alternates"), `${join(dirname(path), "alternate.git", "objects")}\n`);
    gitIn(path, "config", "core.alternateRefsCommand", join(dirname(path), "programs", "alias"));
  },
};
