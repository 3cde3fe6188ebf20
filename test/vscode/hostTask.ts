// The words between runTest.ts and the extension host: what to run, and what came of it.

export type HostTask = { files: string[]; report: string; timeout: number; grep?: string };

export type TestOutcome = { title: string; state: "passed" | "failed" | "notRun"; ms: number; error?: string };

export type HostReport = { tests: TestOutcome[] };
