// A program that takes a result into a workspace, or takes back what one wrote that was cut short; a test kills it in the
// middle. Arguments: the data folder, the workspace, the two commits (none: it takes back).

import { createWorkspace } from "../../src/workspace/workspace.ts";

const [dataDir = "", path = "", base = "", result = ""] = process.argv.slice(2);
const workspace = createWorkspace({ dataDir });
const done = base === "" ? await workspace.settle("s", path, 0) : await workspace.land("s", path, base, result, 0);
process.exitCode = done.ok ? 0 : 1;
