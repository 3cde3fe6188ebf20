// (f) Many sessions in one record: the newest of 10,000 as a list shows them, beside the same of 100, and one found by its
// name. The floor asks the same of the same file with node:sqlite alone.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { StorePort } from "../src/core/ports.ts";
import { openSqliteStore } from "../src/store/sqlite.ts";
import { created, said } from "../test/support/storeEvents.ts";
import { compare, ms, type Row, times } from "./figures.ts";
import type { Setting } from "./setting.ts";

const shown = 21;

export async function measureSessions(setting: Setting): Promise<Row[]> {
  const [few, many] = [await recordOf(setting, 100), await recordOf(setting, 10_000)];
  const rounds = setting.rounds(50);
  const list = ({ store }: Record) => timed(() => store.listSessions({ limit: shown }));
  const listed = await compare(
    rounds,
    () => listByFloor(many),
    () => list(many),
  );
  const grown = await compare(
    rounds,
    () => list(few),
    () => list(many),
  );
  const found = await compare(
    rounds,
    () => timed(() => few.store.findSession("name 50")),
    () => timed(() => many.store.findSession("name 50")),
  );
  for (const { store, db } of [few, many]) {
    db.close();
    await store.close();
  }
  return [
    { what: "f  newest 21 of 10,000 sessions", ours: ms(listed.ours), floor: ms(listed.floor), ratio: times(listed.ratio), goal: "" },
    { what: "f  … beside 100 sessions", ours: ms(grown.ours), floor: ms(grown.floor), ratio: times(grown.ratio), goal: "≤ 2.0×" },
    { what: "f  one by its name, beside 100", ours: ms(found.ours), floor: ms(found.floor), ratio: times(found.ratio), goal: "≤ 2.0×" },
  ];
}

type Record = { store: StorePort; db: DatabaseSync };

async function recordOf(setting: Setting, count: number): Promise<Record> {
  const file = join(setting.folder("sessions"), "store.db");
  const store = await openSqliteStore({ file });
  const all = Array.from({ length: count }, (_, i) => `s_${i}`);
  await Promise.all(
    all.map((id, i) => store.append(id, [created(id, `name ${i}`, `/w/${i % 7}`), said(id, 2, "said"), said(id, 3, "again")])),
  );
  return { store, db: new DatabaseSync(file, { readOnly: true }) };
}

async function listByFloor({ db }: Record): Promise<number> {
  return await timed(() => {
    const last = db.prepare("SELECT seq, ts FROM events WHERE session_id = ? ORDER BY seq DESC LIMIT 1");
    for (const { session_id: id } of db.prepare("SELECT * FROM sessions ORDER BY key DESC LIMIT ?").all(shown)) last.get(String(id));
    return Promise.resolve();
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
