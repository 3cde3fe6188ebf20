// A user's project for the workspace's tests: a folder of files, with or without a repository, made by real git under
// the control of the test and not of the machine.

import { execFileSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Content, or `link:TARGET`; a path that ends in `*` is executable. */
export type Files = Record<string, string | Buffer>;

export function writeFiles(root: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    const file = join(root, name.replace(/\*$/, ""));
    mkdirSync(dirname(file), { recursive: true });
    const target = typeof content === "string" && /^link:(.*)$/.exec(content)?.[1];
    if (typeof target === "string") symlinkSync(target, file);
    else writeFileSync(file, content);
    if (name.endsWith("*")) chmodSync(file, 0o755);
  }
}

/** Everything in a folder but `.git` folders, in the form that `writeFiles` takes; contents as latin1, to compare bytes. */
export function readFiles(root: string, folder = ""): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(root, folder)).sort()) {
    const path = folder === "" ? name : `${folder}/${name}`;
    const kind = lstatSync(join(root, path));
    if (name === ".git") continue;
    if (kind.isSymbolicLink()) found[path] = `link:${readlinkSync(join(root, path))}`;
    else if (kind.isDirectory()) Object.assign(found, readFiles(root, path));
    else found[kind.mode & 0o100 ? `${path}*` : path] = readFileSync(join(root, path), "latin1");
  }
  return found;
}

export function gitIn(folder: string, ...args: string[]): string {
  const env = { PATH: process.env["PATH"], HOME: folder, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", LC_ALL: "C" };
  const who = ["-c", "user.name=user", "-c", "user.email=user@localhost", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...who, ...args], { cwd: folder, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

export function commitAll(folder: string, message = "a commit"): void {
  gitIn(folder, "init", "--quiet");
  gitIn(folder, "add", "--all");
  gitIn(folder, "commit", "--quiet", "--allow-empty", "-m", message);
}

export function removeFiles(root: string, paths: string[]): void {
  for (const path of paths) rmSync(join(root, path.replace(/\*$/, "")), { recursive: true, force: true });
}
