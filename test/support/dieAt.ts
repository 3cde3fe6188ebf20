// Loaded before a program (`node --import`): kills it at a chosen change of files, so that every place where a process can
// die while it writes is tried. AO_DIE_AT is the number of the change, AO_DIE_IN the folders that count, one per line.

import { createRequire, syncBuiltinESMExports } from "node:module";
import { sep } from "node:path";

const require = createRequire(import.meta.url);
const places = (process.env["AO_DIE_IN"] ?? "").split("\n").filter(Boolean);
const last = Number(process.env["AO_DIE_AT"]);
let count = 0;

const changing = ["rename", "unlink", "rm", "rmdir", "mkdir", "symlink", "writeFile", "open", "chmod", "truncate", "copyFile"];

type Call = (...args: unknown[]) => unknown;

function isWithin(path: unknown): boolean {
  return typeof path === "string" && places.some((place) => path === place || path.startsWith(place + sep));
}

function watch(module: Record<string, unknown>, name: string): void {
  const real = module[name];
  if (typeof real !== "function") return;
  module[name] = (...args: unknown[]): unknown => {
    const isReading = name.startsWith("open") && (args[1] === undefined || args[1] === "r");
    const touched = name === "symlink" ? [args[1]] : args.slice(0, 2);
    // Before the change is made: what came before it is done, this one is not.
    if (!isReading && touched.some(isWithin) && ++count === last) process.kill(process.pid, "SIGKILL");
    return (real as Call).apply(module, args);
  };
}

if (places.length > 0) {
  const fs = require("node:fs") as Record<string, unknown>;
  const promises = require("node:fs/promises") as Record<string, unknown>;
  for (const name of changing) {
    watch(fs, name);
    watch(fs, `${name}Sync`);
    watch(promises, name);
  }
  syncBuiltinESMExports();
}
