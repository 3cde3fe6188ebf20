// Every program that something is known of, by its name.

import type { Program } from "../programs.ts";
import { builders } from "./builders.ts";
import { changers } from "./changers.ts";
import { connectors } from "./connectors.ts";
import { finders } from "./finders.ts";
import { openers } from "./openers.ts";
import { packagers } from "./packagers.ts";
import { readers } from "./readers.ts";

const tables = [readers, finders, changers, openers, packagers, builders, connectors];
export const allPrograms: ReadonlyMap<string, Program> = new Map(tables.flatMap((table) => Object.entries(table)));

export function programNamed(name: string): Program | undefined {
  return allPrograms.get(name);
}
