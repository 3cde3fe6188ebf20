// A program that tidies a data folder again and again, and says how each time went; a test kills it in the middle.
// Arguments: the data folder, and the sessions on record.

import { tidy } from "../../src/workspace/tidying.ts";

const [dataDir = "", ...sessions] = process.argv.slice(2);
for (;;) {
  const { busy } = await tidy(dataDir, () => Promise.resolve(sessions), { litter: 0, contents: 0, budget: 0 });
  process.stdout.write(busy.length > 0 ? "busy\n" : "tidied\n");
}
