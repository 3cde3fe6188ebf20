// How places in code are told to a model: relative to a folder, with the line's own words where they may be read.

import { relative } from "node:path";
import { decode } from "../files.ts";
import { isInside, isSecret, toSlashes } from "../places.ts";
import { readFileSync } from "node:fs";
import type { CodePlace } from "./editorPort.ts";

const mostPlaces = 200;
const longestLine = 200;

/** One line each, in order of file and line; `say` puts words before the line's own. */
export function listPlaces<T extends CodePlace>(folder: string, places: T[], say: (place: T) => string = () => ""): string {
  const lines = places.map((place) => ({ place, path: pathIn(folder, place.file) }));
  lines.sort((a, b) => (a.path === b.path ? a.place.span.start.line - b.place.span.start.line : a.path < b.path ? -1 : 1));
  const texts = new Map<string, string[]>();
  const told = lines.slice(0, mostPlaces).map(({ place, path }) => {
    const { line, column } = place.span.start;
    const parts = [`${path}:${line}:${column}`, say(place), lineAt(folder, place, texts)].filter((part) => part !== "");
    return parts.join(": ");
  });
  const more = new Set(lines.slice(mostPlaces).map(({ path }) => path));
  if (more.size > 0) told.push(`… and ${lines.length - mostPlaces} more, in ${more.size} files.`);
  return [...new Set(told)].join("\n");
}

/** Relative where it lies in the folder; else as it is. */
export function pathIn(folder: string, file: string): string {
  return isInside(folder, file) ? toSlashes(relative(folder, file)) : file;
}

/** Nothing of a file outside of the folder or of a secret is quoted. */
function lineAt(folder: string, { file, span }: CodePlace, texts: Map<string, string[]>): string {
  if (!isInside(folder, file) || isSecret(pathIn(folder, file))) return "";
  const lines = texts.get(file) ?? read(file);
  texts.set(file, lines);
  return (lines[span.start.line - 1] ?? "").trim().slice(0, longestLine);
}

function read(file: string): string[] {
  try {
    return decode(readFileSync(file))?.split("\n") ?? [];
  } catch {
    return [];
  }
}
