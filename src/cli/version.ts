// The product's version, as its package file says.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundledAgentsDir } from "../runtime/places.ts";

export function version(): string {
  const file = join(dirname(bundledAgentsDir()), "package.json");
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
