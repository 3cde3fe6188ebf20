// A program that takes a result into a workspace; a test kills it in the middle.
// Arguments: the data folder, the workspace, the two commits.

import { createWorkspace } from "../../src/workspace/workspace.ts";

const [dataDir = "", path = "", base = "", result = ""] = process.argv.slice(2);
await createWorkspace({ dataDir }).land("s", path, base, result, 0);
