// Finding the desktop VS Code of this machine, and whether a window can be shown at all.

import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

export function hasDisplay(): boolean {
  return process.platform !== "linux" || Boolean(process.env["DISPLAY"] ?? process.env["WAYLAND_DISPLAY"]);
}

/** The `code` command, if it is VS Code's own and not a terminal's or a remote server's. */
export function desktopCommand(): string | undefined {
  const name = process.platform === "win32" ? "code.cmd" : "code";
  const found = (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((dir) => join(dir, name))
    .find((file) => existsSync(file));
  return found !== undefined && desktopFor(found) !== undefined ? found : undefined;
}

/** The program itself, which the test runner starts. */
export function desktopExecutable(): string | undefined {
  const command = desktopCommand();
  return command === undefined ? undefined : desktopFor(command);
}

function desktopFor(command: string): string | undefined {
  const bin = dirname(realpathSync(command));
  const places = {
    linux: [join(bin, "..", "code")],
    darwin: [join(bin, "..", "..", "..", "MacOS", "Electron"), join(bin, "..", "..", "..", "MacOS", "Code")],
    win32: [join(bin, "..", "Code.exe")],
  };
  return places[process.platform as keyof typeof places]?.find((place) => existsSync(place));
}

/** Runs the command with a shell only where it is a script for one. */
export function startDesktop(command: string, args: string[]): boolean {
  const shell = process.platform === "win32";
  const words = shell ? [command, ...args].map((word) => `"${word}"`) : [command, ...args];
  return spawnSync(words[0]!, words.slice(1), { stdio: "ignore", shell }).status === 0;
}
