// The clock and the source of ids that a Node program gives to core.

import { randomFillSync } from "node:crypto";
import type { ClockPort, IdsPort } from "../core/ports.ts";
import type { IdByPrefix } from "../protocol/ids.ts";

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
const longestTimer = 2 ** 31 - 1;

export const nodeClock: ClockPort = {
  now: () => new Date().toISOString(),
  monotonic: () => performance.now(),
  soon: (work) => void setImmediate(work),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(ms, longestTimer));
      signal?.addEventListener("abort", done, { once: true });
    }),
};

const pool = Buffer.alloc(4096);
let drawn = pool.length;

/** Bytes that nobody else gets; drawn many at a time, because each draw costs far more than the bytes. */
function randomBytes(count: number): Uint8Array {
  if (drawn + count > pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  drawn += count;
  return pool.subarray(drawn - count, drawn);
}

/** Ten characters of base 36: short enough to type, and about 52 bits of randomness. */
export const nodeIds: IdsPort = {
  next: <P extends keyof IdByPrefix>(prefix: P) =>
    `${prefix}_${Array.from(randomBytes(10), (byte) => alphabet[byte % 36]).join("")}` as IdByPrefix[P],
  random: () => Buffer.from(randomBytes(4)).readUInt32LE() / 2 ** 32,
};
