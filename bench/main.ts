// `npm run bench`: the product's cost beside a hand-written floor, measured in the same run on the same work.
// `--quick` makes one round of each; `--only turns,tree` leaves the rest out.

import { parseArgs } from "node:util";
import { join } from "node:path";
import { makeTempDir } from "../test/support/tempDir.ts";
import { startFakeModel } from "./fakeModel.ts";
import { printTable, type Row } from "./figures.ts";
import { makeProject } from "./ours.ts";
import { createSetting, type Setting } from "./setting.ts";
import { measureOpening } from "./opening.ts";
import { measureSessions } from "./sessions.ts";
import { measureTree } from "./tree.ts";
import { measureTurns } from "./turns.ts";
import { measureTypo } from "./typo.ts";

const parts: Record<string, (setting: Setting) => Promise<Row[]>> = {
  turns: measureTurns,
  tree: measureTree,
  opening: measureOpening,
  typo: measureTypo,
  sessions: measureSessions,
};

const { values } = parseArgs({ options: { quick: { type: "boolean" }, only: { type: "string" } } });
const wanted = values.only?.split(",") ?? Object.keys(parts);
const temp = makeTempDir("bench");
const model = await startFakeModel();
try {
  const project = makeProject(join(temp.path, "project"));
  const setting = await createSetting({ model, project, root: temp.path, quick: values.quick === true });
  const rows: Row[] = [];
  for (const name of wanted) rows.push(...(await parts[name]!(setting)));
  printTable(rows);
} finally {
  await model.stop();
  temp.remove();
}
