// A folder of its own for one test file, and its removal.

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type TempDir = { path: string; remove: () => void };

/** The path is real (no links in it), so that it can be compared with what programs report. */
export function makeTempDir(name = "test"): TempDir {
  const path = realpathSync(mkdtempSync(join(tmpdir(), `ao-${name}-`)));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}
