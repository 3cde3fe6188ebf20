// Where a call would reach, judged on real paths before it runs. Says what it sees and how sure it is; what follows
// from that is the guard's. The tools check their own paths again when they act.

import { posix, resolve } from "node:path";
import type { Reach } from "../core/ports.ts";
import { readPatch } from "./filesystem/patchText.ts";
import { isProtected, isSecret, locate, locateEntry } from "./places.ts";
import { preimageOf } from "./preimage.ts";
import { mayConnect, parseSimpleCommand } from "./shell/words.ts";
import { checkUrl, hostOf } from "./web/address.ts";

type Scope = { root: string; writable: boolean };
type Purpose = "read" | "write" | "execute";

export function judgeCall(tool: string, args: unknown, scope: Scope): Reach {
  const given = typeof args === "object" && args !== null ? (args as Record<string, unknown>) : {};
  const [server, name] = splitName(tool);
  switch (server) {
    case "filesystem":
    case "ide":
      return writers.has(name) ? judgeWrite(name, given, scope) : judgePaths(textsOf(given, ["path"]), "read", scope);
    case "git":
      return name === "show" ? judgeRevision(given["rev"]) : judgePaths(textsOf(given, ["path"]), "read", scope);
    case "agents":
      return nowhere();
    case "shell":
      return judgeCommand(given, scope);
    case "web":
      return judgeAddress(given["url"]);
    default:
      return { ...nowhere(), certain: false };
  }
}

function splitName(tool: string): [string, string] {
  const at = tool.indexOf("__");
  return at < 0 ? [tool, ""] : [tool.slice(0, at), tool.slice(at + 2)];
}

function nowhere(): Reach {
  return { certain: true, doubts: [], places: [], commands: [], network: false, hosts: [] };
}

const writers = new Set(["write_file", "edit_file", "move", "delete", "rename", "format"]);

function judgeWrite(name: string, given: Record<string, unknown>, scope: Scope): Reach {
  // What moves or goes is the entry itself: where a link leads does not matter then.
  const find = name === "move" || name === "delete" ? locateEntry : locate;
  const paths = filePaths(name, given);
  const reach = judgePaths(paths, "write", scope, find);
  const isPlain = reach.certain && reach.places.every(({ relative, minded }) => relative !== undefined && !minded);
  if (!paths || paths.length === 0 || !isPlain) return reach;
  const preimage = preimageOf(paths.map((path) => find(scope.root, path)));
  return preimage === undefined ? reach : { ...reach, preimage };
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

/** The address by itself; what its name leads to is looked at when it is fetched. */
function judgeAddress(url: unknown): Reach {
  const checked = typeof url === "string" ? checkUrl(url) : undefined;
  if (checked?.ok) return { ...nowhere(), network: true, hosts: [hostOf(checked.url)] };
  return { ...nowhere(), certain: false, doubts: [checked?.reason ?? "no address is given"], network: true };
}

/** `rev:path` reads a file of the history by its name; what is at that path now does not matter. */
function judgeRevision(rev: unknown): Reach {
  if (typeof rev !== "string") return nowhere();
  const parts = rev.split(":");
  const named = parts.slice(1).map((_, i) => posix.normalize(parts.slice(i + 1).join(":")));
  // A range has another revision after it.
  const paths = named.flatMap((path) => [path, path.replace(/\.\..*$/, "")]);
  const places = [...new Set(paths.filter(isSecret))].map((path) => ({ real: path, relative: path, named: path }));
  return { ...nowhere(), places: places.map((place) => ({ ...place, use: "read", minded: true })) };
}

function judgePaths(paths: string[] | undefined, purpose: Purpose, scope: Scope, find = locate): Reach {
  if (!paths) return { ...nowhere(), certain: false };
  const reach = nowhere();
  for (const path of new Set(paths)) judgePath(path, purpose, scope, reach, find);
  return reach;
}

function judgePath(path: string, purpose: Purpose, scope: Scope, reach: Reach, find = locate): void {
  if (path.includes("\0")) {
    reach.certain = false;
    return;
  }
  try {
    const location = find(scope.root, path);
    const shown = location.ok ? location.place.relative : location.real;
    const real = location.ok ? location.place.real : location.real;
    // Names as given count too: a link called .env is as telling as what it leads to.
    const minded = [shown, path].some(purpose === "read" ? isSecret : isProtected);
    const inside = location.ok ? { relative: shown } : {};
    reach.places.push({ real, ...inside, named: resolve(scope.root, path), use: purpose, ...(minded ? { minded } : {}) });
  } catch {
    reach.certain = false;
  }
}

function judgeCommand(given: Record<string, unknown>, scope: Scope): Reach {
  const reach: Reach = { ...nowhere(), ...(typeof given["command"] === "string" ? { text: given["command"] } : {}) };
  const folder = typeof given["cwd"] === "string" ? given["cwd"] : ".";
  judgePath(folder, "execute", scope, reach);
  const words = typeof given["command"] === "string" ? parseSimpleCommand(given["command"]) : undefined;
  if (!words) return { ...reach, certain: false, network: soundsLikeNetwork(given["command"]) };
  const start = reach.certain ? locate(scope.root, folder) : undefined;
  if (!start?.ok) return { ...reach, certain: false };
  for (const word of words.slice(1))
    for (const path of pathsIn(word)) judgePath(path.startsWith("/") ? path : `${start.place.real}/${path}`, "execute", scope, reach);
  return { ...reach, commands: [{ words, effect: "unknown", beyond: [] }], network: mayConnect(words) };
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
