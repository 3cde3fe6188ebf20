// Reads what a zip file holds from its central directory; enough to judge a package, no more (no zip64, no content).

import { readFileSync } from "node:fs";

export type ZipEntry = { name: string; size: number; packed: number };

const endMark = 0x06054b50;
const entryMark = 0x02014b50;
const endLength = 22;
const entryLength = 46;

export function zipEntries(file: string): ZipEntry[] {
  const bytes = readFileSync(file);
  let end = bytes.length - endLength;
  while (end >= 0 && bytes.readUInt32LE(end) !== endMark) end--;
  if (end < 0) throw new Error(`${file} is not a zip file.`);
  const entries: ZipEntry[] = [];
  for (let at = bytes.readUInt32LE(end + 16); entries.length < bytes.readUInt16LE(end + 10);) {
    if (bytes.readUInt32LE(at) !== entryMark) throw new Error(`${file} is a damaged zip file.`);
    const nameLength = bytes.readUInt16LE(at + 28);
    entries.push({
      name: bytes.toString("utf8", at + entryLength, at + entryLength + nameLength),
      size: bytes.readUInt32LE(at + 24),
      packed: bytes.readUInt32LE(at + 20),
    });
    at += entryLength + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}
