// Damage to a database's file, byte by byte, and where in it what is.

import { readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { random } from "./random.ts";

export const pageSize = 4096;

/** The page on which a text stands. */
export function pageOf(file: string, text: string): number {
  const at = readFileSync(file).indexOf(text);
  if (at < 0) throw new Error(`"${text}" is not in ${file}`);
  return Math.floor(at / pageSize) + 1;
}

/** The pages of a table or an index: its root first, then those below. */
export function pagesOfTree(file: string, name: string): number[] {
  const db = new DatabaseSync(file, { readOnly: true });
  const root = Number(db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").get(name)?.["rootpage"]);
  db.close();
  const content = readFileSync(file);
  const below = (page: number): number[] => {
    const at = (page - 1) * pageSize;
    const kind = content[at];
    if (kind !== 2 && kind !== 5) return [page];
    const cells = Array.from({ length: content.readUInt16BE(at + 3) }, (_, i) => content.readUInt16BE(at + 12 + 2 * i));
    const children = [...cells.map((cell) => content.readUInt32BE(at + cell)), content.readUInt32BE(at + 8)];
    return [page, ...children.flatMap(below)];
  };
  return below(root);
}

/** Overwrites a page with garbage; answers the file as it is then. */
export function damageBytes(file: string, page: number): Buffer {
  const content = readFileSync(file);
  const next = random(page);
  for (let at = (page - 1) * pageSize; at < page * pageSize; at++) content[at] = Math.floor(next() * 256);
  writeFileSync(file, content);
  return content;
}
