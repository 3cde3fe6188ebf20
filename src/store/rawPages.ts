// The pages of a database file without SQLite, which refuses a file that is damaged in one place: from the file itself, or
// newer ones from its write-ahead log as far as that holds. https://sqlite.org/fileformat2.html is what it goes by.

import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";

export type Pages = { size: number; count: number; read(page: number): Buffer | undefined; close(): void };

const usualSize = 4096;

export function openPages(file: string): Pages {
  const handle = openSync(file, "r");
  const bytes = statSync(file).size;
  const wal = committedFrames(`${file}-wal`);
  const size = wal.size ?? sizeInHeader(handle) ?? usualSize;
  const inFile = Math.floor(bytes / size);
  return {
    size,
    count: Math.max(inFile, wal.count),
    read(page) {
      const newer = wal.frames.get(page);
      if (newer) return newer;
      if (page < 1 || page > inFile) return undefined;
      const buffer = Buffer.alloc(size);
      return readSync(handle, buffer, 0, size, (page - 1) * size) === size ? buffer : undefined;
    },
    close: () => closeSync(handle),
  };
}

function sizeInHeader(handle: number): number | undefined {
  const header = Buffer.alloc(100);
  readSync(handle, header, 0, 100, 0);
  if (header.toString("latin1", 0, 15) !== "SQLite format 3") return undefined;
  const size = header.readUInt16BE(16);
  return isSize(size) ? size : undefined;
}

function isSize(size: number): boolean {
  return size >= 512 && size <= 32_768 && (size & (size - 1)) === 0;
}

type Log = { size?: number; count: number; frames: Map<number, Buffer> };

const walHeader = 32;
const frameHeader = 24;

/** What SQLite itself would take from it: frames of this generation whose sums hold, up to the last commit. */
function committedFrames(path: string): Log {
  const none = { count: 0, frames: new Map<number, Buffer>() };
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) <= walHeader) return none;
  const log = readFileSync(path);
  const magic = log.readUInt32BE(0);
  const size = log.readUInt32BE(8);
  if ((magic & ~1) >>> 0 !== 0x377f0682 || !isSize(size)) return none;
  const sum = summing(log, (magic & 1) === 1);
  sum.add(0, 24);
  if (!sum.equals(24)) return none;
  const found: Log = { size, count: 0, frames: new Map() };
  let open: [page: number, frame: Buffer][] = [];
  for (let at = walHeader; at + frameHeader + size <= log.length; at += frameHeader + size) {
    sum.add(at, 8);
    sum.add(at + frameHeader, size);
    if (log.compare(log, 16, 24, at + 8, at + 16) !== 0 || !sum.equals(at + 16)) break;
    open.push([log.readUInt32BE(at), log.subarray(at + frameHeader, at + frameHeader + size)]);
    const count = log.readUInt32BE(at + 4);
    if (count === 0) continue;
    for (const [page, frame] of open) found.frames.set(page, frame);
    found.count = count;
    open = [];
  }
  return found;
}

function summing(log: Buffer, bigEndian: boolean): { add: (at: number, length: number) => void; equals: (at: number) => boolean } {
  const word = (at: number): number => (bigEndian ? log.readUInt32BE(at) : log.readUInt32LE(at));
  let [one, two] = [0, 0];
  return {
    add(at, length) {
      for (let i = at; i < at + length; i += 8) {
        one = (one + word(i) + two) >>> 0;
        two = (two + word(i + 4) + one) >>> 0;
      }
    },
    equals: (at) => log.readUInt32BE(at) === one && log.readUInt32BE(at + 4) === two,
  };
}
