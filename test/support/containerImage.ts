// A container engine and an image for the tests, without any registry: podman from the distribution's packages, and an
// image of a few of this machine's own programs with the libraries that they need.

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { missingPrograms } from "../../scripts/apt.ts";

const image = "agent-orchestrator-test";
const programs = ["bash", "sh", "cat", "ls", "sleep", "touch", "id", "head", "seq", "env", "mkdir", "setsid", "grep", "tr"];

/** The image's name; else why there is none. */
export async function containerImage(): Promise<{ image: string } | { missing: string }> {
  const missing = await missingPrograms({ podman: "podman", runc: "runc" });
  if (missing.length > 0) return { missing: `${missing.join(" and ")} cannot be had here` };
  if (answers("podman", ["image", "exists", image])) return { image };
  const root = mkdtempSync(join(tmpdir(), "ao-image-"));
  try {
    for (const folder of ["bin", "tmp", "etc", "proc", "dev", "sys", "lib64"]) mkdirSync(join(root, folder));
    for (const name of programs) addProgram(root, name);
    const tar = execFileSync("tar", ["-C", root, "-c", "."], { maxBuffer: 512 * 1024 * 1024 });
    execFileSync("podman", ["import", "-", image], { input: tar, stdio: ["pipe", "ignore", "ignore"] });
    return { image };
  } catch (error) {
    return { missing: `no image could be made (${(error as Error).message.split("\n")[0]})` };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function addProgram(root: string, name: string): void {
  const file = execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
  copyFileSync(realpathSync(file), join(root, "bin", basename(file)));
  for (const [library] of execFileSync("ldd", [file], { encoding: "utf8" }).matchAll(/\/\S+/g)) {
    const target = join(root, library);
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(realpathSync(library), target);
  }
}

function answers(file: string, args: string[]): boolean {
  try {
    execFileSync(file, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
