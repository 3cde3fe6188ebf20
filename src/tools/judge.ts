// Where a call would reach, judged on real paths before it runs. Says what it sees and how sure it is; what follows
// from that is the guard's. The tools check their own paths again when they act.

import { posix, resolve } from "node:path";
import type { Reach } from "../core/ports.ts";
import { readPatch } from "./filesystem/patchText.ts";
import { holdsMinded, isMinded, isSecret, locate, locateEntry, mindedBelow } from "./places.ts";
import { preimageOf } from "./preimage.ts";
import type { SecondReader } from "./shell/commandLine.ts";
import { judgeShell } from "./shell/judgeShell.ts";
import { checkUrl, hostOf } from "./web/address.ts";

type Scope = {
  root: string;
  writable: boolean;
  /** Our own data, where it is not at its usual place. */
  kept?: string;
};
type Purpose = "read" | "write" | "execute";

export function judgeCall(tool: string, args: unknown, scope: Scope): Reach {
  const given = typeof args === "object" && args !== null ? (args as Record<string, unknown>) : {};
  const [server, name] = splitName(tool);
  switch (server) {
    case "filesystem":
    case "ide":
      return writers.has(name) ? judgeWrite(name, given, scope) : judgePaths(textsOf(given, ["path"]), "read", scope);
    case "git":
      return name === "show" ? judgeRevision(given["rev"], scope) : judgePaths(textsOf(given, ["path"]), "read", scope);
    case "agents":
      return nowhere();
    case "shell":
      return withoutWanting(judgeCommand(given, scope));
    case "web":
      return judgeAddress(given["url"]);
    default:
      return unsure("what this tool reaches is not known");
  }
}

function splitName(tool: string): [string, string] {
  const at = tool.indexOf("__");
  return at < 0 ? [tool, ""] : [tool.slice(0, at), tool.slice(at + 2)];
}

function nowhere(): Reach {
  return { certain: true, doubts: [], places: [], commands: [], network: false, hosts: [] };
}

function unsure(doubt: string): Reach {
  return { ...nowhere(), certain: false, doubts: [doubt] };
}

const writers = new Set(["write_file", "edit_file", "move", "delete", "rename", "format"]);

function judgeWrite(name: string, given: Record<string, unknown>, scope: Scope): Reach {
  // What moves or goes is the entry itself: where a link leads does not matter then.
  const find = name === "move" || name === "delete" ? locateEntry : locate;
  const paths = filePaths(name, given);
  const reach = judgePaths(paths, "write", scope, find);
  if (find === locateEntry) judgeBelow(name, given, scope, reach);
  const isPlain = reach.certain && reach.places.every(({ relative, minded }) => relative !== undefined && !minded);
  if (!paths || paths.length === 0 || !isPlain) return reach;
  const preimage = preimageOf(paths.map((path) => find(scope.root, path)));
  return preimage === undefined ? reach : { ...reach, preimage };
}

/** With a folder its content comes and goes: what would be minded where it will be, or is where it was. */
function judgeBelow(name: string, { path, from, to }: Record<string, unknown>, { root }: Scope, reach: Reach): void {
  const gone = name === "move" ? from : path;
  if (typeof gone !== "string" || gone.includes("\0")) return;
  const source = locateEntry(root, gone);
  if (!source.ok) return;
  const { real, relative } = source.place;
  const add = (at: string): void => {
    reach.places.push({ real: resolve(root, at), relative: at, named: resolve(root, at), use: "write", minded: true });
  };
  if (holdsMinded(real, relative)) add(relative);
  if (name !== "move" || typeof to !== "string") return;
  const below = mindedBelow(real, [to]);
  // What was minded before is not made so by the move.
  const known = new Set(mindedBelow(real, [relative]));
  if (!below) reach.places.push({ real: resolve(root, to), relative: to, named: resolve(root, to), use: "write" });
  for (const one of below ?? []) if (!known.has(one)) add(`${to}/${one}`);
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
function judgeRevision(rev: unknown, { root }: Scope): Reach {
  if (typeof rev !== "string") return nowhere();
  const parts = rev.split(":");
  const named = parts.slice(1).map((_, i) => posix.normalize(parts.slice(i + 1).join(":")));
  // A range has another revision after it.
  const paths = named.flatMap((path) => [path, path.replace(/\.\..*$/, "")]);
  const places = [...new Set(paths)].filter((path) => path !== "" && path !== ".");
  return {
    ...nowhere(),
    places: places.map((path) => {
      const real = resolve(root, path);
      return { real, relative: path, named: real, use: "read", ...(isSecret(path) ? { minded: true } : {}) };
    }),
  };
}

function judgePaths(paths: string[] | undefined, purpose: Purpose, scope: Scope, find = locate): Reach {
  if (!paths) return unsure("the patch could not be read");
  const reach = nowhere();
  for (const path of new Set(paths)) judgePath(path, purpose, scope, reach, find);
  return reach;
}

function judgePath(path: string, purpose: Purpose, scope: Scope, reach: Reach, find = locate): void {
  if (path.includes("\0")) {
    reach.certain = false;
    reach.doubts.push("a path holds a null character");
    return;
  }
  try {
    const location = find(scope.root, path);
    const shown = location.ok ? location.place.relative : location.real;
    const real = location.ok ? location.place.real : location.real;
    // Names as given count too: a link called .env is as telling as what it leads to.
    const minded = isMinded(shown, !location.ok, purpose, [path]);
    const inside = location.ok ? { relative: shown } : {};
    reach.places.push({ real, ...inside, named: resolve(scope.root, path), use: purpose, ...(minded ? { minded } : {}) });
  } catch {
    reach.certain = false;
    reach.doubts.push(`where ${path} leads could not be told`);
  }
}

function withoutWanting({ wanting, ...reach }: Reach & { wanting?: boolean }): Reach {
  return wanting ? { ...reach, certain: false, doubts: [...reach.doubts, "a second reading would be needed"] } : reach;
}

/** Without the second reader only what a strict reading settles is certain. */
function judgeCommand(given: Record<string, unknown>, scope: Scope, second?: SecondReader): Reach & { wanting?: boolean } {
  const { command } = given;
  if (typeof command !== "string") return unsure("there is no command");
  const reach: Reach = { ...nowhere(), text: command };
  const folder = typeof given["cwd"] === "string" ? given["cwd"] : ".";
  judgePath(folder, "execute", scope, reach);
  const start = reach.certain ? startIn(scope.root, folder) : undefined;
  if (!start) return { ...reach, certain: false, doubts: [...reach.doubts, "it would run in a folder that is not the agent's"] };
  const { reach: seen, wanting } = judgeShell(command, start.root, start.folder, second, scope.kept);
  return { ...seen, places: [...reach.places, ...seen.places], wanting };
}

/** A command of the shell. The second reader is loaded when a command needs it. */
export async function judgeShellCall(args: unknown, scope: Scope): Promise<Reach> {
  const given = typeof args === "object" && args !== null ? (args as Record<string, unknown>) : {};
  const { wanting, ...reach } = judgeCommand(given, scope);
  if (!wanting) return reach;
  const { loadSecondReader } = await import("./shell/treeSitter.ts");
  const second = await loadSecondReader().catch(() => undefined);
  return withoutWanting(judgeCommand(given, scope, second));
}

function startIn(root: string, folder: string): { root: string; folder: string } | undefined {
  try {
    const location = locate(root, folder);
    return location.ok ? { root: location.place.root, folder: location.place.real } : undefined;
  } catch {
    return undefined;
  }
}
