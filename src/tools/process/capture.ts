// Collects a program's output in bounded memory: the beginning and the end are kept, the middle of a flood is dropped,
// and the hash is over every byte. Owns no process.

import { createHash } from "node:crypto";
import type { ContentHash } from "../../protocol/ids.ts";

export type Captured = {
  text: string;
  /** Bytes that the program wrote, kept or not. */
  bytes: number;
  hash: ContentHash;
  /** The middle of the output is missing from `text`. */
  truncated: boolean;
};

export type Capture = { add(chunk: Buffer): void; end(): Captured };

export function createCapture(keepBytes: number): Capture {
  const hash = createHash("sha256");
  const head: Buffer[] = [];
  const tail: Buffer[] = [];
  const half = Math.floor(keepBytes / 2);
  let headBytes = 0;
  let tailBytes = 0;
  let bytes = 0;
  return {
    add(chunk) {
      hash.update(chunk);
      bytes += chunk.length;
      const room = half - headBytes;
      if (room > 0) {
        head.push(chunk.subarray(0, room));
        headBytes += Math.min(room, chunk.length);
      }
      if (room >= chunk.length) return;
      // Copied, so that a small rest does not hold a large buffer.
      const rest = room > 0 ? Buffer.from(chunk.subarray(room)) : chunk;
      tail.push(rest);
      tailBytes += rest.length;
      while (tailBytes - tail[0]!.length >= half) tailBytes -= tail.shift()!.length;
    },
    end() {
      const left = bytes - headBytes - tailBytes;
      const digest: ContentHash = `sha256:${hash.digest("hex")}`;
      if (left === 0) return { text: Buffer.concat([...head, ...tail]).toString("utf8"), bytes, hash: digest, truncated: false };
      const note = `\n[… ${left.toLocaleString("en-US")} bytes were not kept …]\n`;
      const text = `${Buffer.concat(head).toString("utf8")}${note}${Buffer.concat(tail).toString("utf8")}`;
      return { text, bytes, hash: digest, truncated: true };
    },
  };
}
