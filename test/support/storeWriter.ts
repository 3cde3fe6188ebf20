// A program that writes a session and tells each event that was acknowledged; tests kill it in the middle.
// Arguments: the database file, the session, and how many events to write (0: no end).

import { openSqliteStore } from "../../src/store/sqlite.ts";
import { created, fact, said } from "./storeEvents.ts";

const [file = "", id = "", count = "0"] = process.argv.slice(2);
const end = Number(count) || Infinity;
const store = await openSqliteStore({ file });
await store.append(id, [created(id)]);
for (let seq = 2; seq <= end; seq += 2) {
  await store.append(id, [said(id, seq, "x".repeat(500)), fact(id, seq + 1, `fact ${seq}`)]);
  process.stdout.write(`${seq + 1}\n`);
}
// No close: an idle store must not keep a program alive, and what was acknowledged must be there without it.
