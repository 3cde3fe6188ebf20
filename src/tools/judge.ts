// Where a call would reach, judged on real paths before it runs. Says what it sees and how sure it is; what follows
// from that is the guard's. The tools check their own paths again when they act.

import type { Reach } from "../core/ports.ts";
import { readPatch } from "./filesystem/patchText.ts";
import { isProtected, isSecret, locate } from "./places.ts";
import { mayConnect, parseSimpleCommand } from "./shell/words.ts";

type Scope = { root: string; writable: boolean };
type Purpose = "read" | "write" | "execute";

export function judgeCall(tool: string, args: unknown, scope: Scope): Reach {
  const given = typeof args === "object" && args !== null ? (args as Record<string, unknown>) : {};
  const [server, name] = splitName(tool);
  switch (server) {
    case "filesystem":
      return judgePaths(filePaths(name, given), purposeOf(name), scope);
    case "git":
      return judgePaths(textsOf(given, ["path"]), "read", scope);
    case "agents":
      return nowhere();
    case "shell":
      return judgeCommand(given, scope);
    default:
      return { ...nowhere(), certain: false };
  }
}

function splitName(tool: string): [string, string] {
  const at = tool.indexOf("__");
  return at < 0 ? [tool, ""] : [tool.slice(0, at), tool.slice(at + 2)];
}

function nowhere(): Reach {
  return { certain: true, outside: [], protected: [], commands: [], network: false };
}

const writers = new Set(["write_file", "edit_file", "move", "delete"]);

function purposeOf(name: string): Purpose {
  return writers.has(name) ? "write" : "read";
}

function textsOf(given: Record<string, unknown>, names: string[]): string[] {
  return names.map((name) => given[name]).filter((value) => typeof value === "string");
}

function filePaths(name: string, given: Record<string, unknown>): string[] | undefined {
  const paths = textsOf(given, ["path", "from", "to"]);
  if (name !== "edit_file" || typeof given["patch"] !== "string") return paths;
  const patch = readPatch(given["patch"], paths[0]);
  if (!patch.ok) return undefined;
  return [...paths, ...patch.files.flatMap((file) => [file.from, file.to].filter((path) => path !== undefined))];
}

function judgePaths(paths: string[] | undefined, purpose: Purpose, scope: Scope): Reach {
  if (!paths) return { ...nowhere(), certain: false };
  const reach = nowhere();
  for (const path of new Set(paths)) judgePath(path, purpose, scope, reach);
  return reach;
}

function judgePath(path: string, purpose: Purpose, scope: Scope, reach: Reach): void {
  if (path.includes("\0")) {
    reach.certain = false;
    return;
  }
  try {
    const location = locate(scope.root, path);
    const real = location.ok ? location.place.relative : location.real;
    if (!location.ok) reach.outside.push(location.real);
    // Names as given count too: a link called .env is as telling as what it leads to.
    if ([real, path].some(purpose === "read" ? isSecret : isProtected)) reach.protected.push(real);
  } catch {
    reach.certain = false;
  }
}

function judgeCommand(given: Record<string, unknown>, scope: Scope): Reach {
  const reach = nowhere();
  const folder = typeof given["cwd"] === "string" ? given["cwd"] : ".";
  judgePath(folder, "execute", scope, reach);
  const words = typeof given["command"] === "string" ? parseSimpleCommand(given["command"]) : undefined;
  if (!words) return { ...reach, certain: false, network: soundsLikeNetwork(given["command"]) };
  const start = reach.certain ? locate(scope.root, folder) : undefined;
  if (!start?.ok) return { ...reach, certain: false };
  for (const word of words.slice(1))
    for (const path of pathsIn(word)) judgePath(path.startsWith("/") ? path : `${start.place.real}/${path}`, "execute", scope, reach);
  return { ...reach, commands: [words], network: mayConnect(words) };
}

/** What of a word could be a path: the word itself, the value of an option, what is glued to a short option. */
function pathsIn(word: string): string[] {
  const parts = [word];
  const equals = word.indexOf("=");
  if (equals > 0) parts.push(word.slice(equals + 1));
  if (word.startsWith("-")) parts.push(word.slice(2));
  if (word.startsWith("@")) parts.push(word.slice(1));
  return parts.filter((part) => part !== "" && !part.startsWith("-") && !/^[a-z][a-z0-9+.-]*:\/\//i.test(part));
}

const networkNames =
  /(?:^|[\s;&|(`])(?:curl|wget|ssh|scp|rsync|nc|npx|git\s+(?:push|pull|fetch|clone)|(?:npm|pnpm|yarn|bun|pip3?|cargo)\s+(?:install|i|ci|add|publish|update))\b/;

/** A hint for what was not parsed: true tells something, false tells nothing (`certain` is false then). */
function soundsLikeNetwork(command: unknown): boolean {
  return typeof command === "string" && networkNames.test(command.slice(0, 20_000));
}
