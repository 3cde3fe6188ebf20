// A program that has the store open and does what it is told, a line at a time: `take S`, `say S N` (event N). It
// answers each with a line.

import { createInterface } from "node:readline";
import { messageOf } from "../../src/protocol/result.ts";
import { openSqliteStore } from "../../src/store/sqlite.ts";
import { said } from "./storeEvents.ts";

const store = await openSqliteStore({ file: process.argv[2] ?? "" });
const answer = (line: unknown): boolean => process.stdout.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);
answer("open");
for await (const line of createInterface({ input: process.stdin })) {
  const [what = "", id = "", seq = "0"] = line.split(" ");
  try {
    if (what === "say") await store.append(id, [said(id, Number(seq), "held")]);
    answer(what === "take" ? await store.takeLease(id) : "done");
  } catch (error) {
    answer(`${(error as Error).name}: ${messageOf(error)}`);
  }
}
await store.close();
