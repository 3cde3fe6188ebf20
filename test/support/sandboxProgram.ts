// A program that runs one command in the sandbox and waits for it: to be killed meanwhile, or to be another user's.

import { openSandboxBench } from "./sandboxBench.ts";

const [base = "", command = "true"] = process.argv.slice(2);
const bench = await openSandboxBench({ base });
const result = await bench.run(command);
process.stdout.write(`${JSON.stringify({ status: await bench.sandbox.status(), result })}\n`);
await bench.close();
