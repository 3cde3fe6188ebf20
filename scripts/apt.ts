// What tests need of the system's own packages: found, else installed with apt where we are root on Debian. Nothing else
// is installed by itself.

import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "./vscode/program.ts";

const quick = ["-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20"];

export function mayUseApt(): boolean {
  try {
    accessSync("/usr/bin/apt-get", constants.X_OK);
    return process.getuid?.() === 0 && /debian/i.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}

export async function aptInstall(packages: string[]): Promise<{ code: number; output: string }> {
  await run("apt-get", [...quick, "update", "-qq"]);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return run("apt-get", [...quick, "install", "-y", "-qq", "--no-install-recommends", ...packages], { env });
}

/** By program, the package that has it. What is still not there afterwards is the answer. */
export async function missingPrograms(packages: Record<string, string>): Promise<string[]> {
  const missing = (): string[] => Object.keys(packages).filter((program) => !isFound(program));
  const wanted = missing();
  if (wanted.length > 0 && mayUseApt()) await aptInstall(wanted.map((program) => packages[program]!));
  return missing();
}

function isFound(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
