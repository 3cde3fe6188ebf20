// A real folder and the real tools over it, for the contract tests of the tools. Fakes nothing but the engine behind
// the `agents` tools and the artifact store.

import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { CallScope, TaskControl } from "../../src/core/ports.ts";
import type { CallResult } from "../../src/protocol/events.ts";
import { createTools } from "../../src/tools/tools.ts";
import type { Tools, ToolsOptions } from "../../src/tools/tools.ts";

export type Bench = {
  /** Folder that may be touched; its parent belongs to the test as well. */
  root: string;
  outside: string;
  tools: Tools;
  saved: string[];
  scope: CallScope;
  call(tool: string, args: unknown, overrides?: Partial<CallScope>, signal?: AbortSignal): Promise<CallResult>;
  put(path: string, content: string | Uint8Array): Promise<void>;
  get(path: string): Promise<string>;
  close(): Promise<void>;
};

const refuse = (): Promise<CallResult> => Promise.resolve({ ok: false, code: "unexpected", content: "not expected in this test" });

export const noControl: TaskControl = {
  submitPlan: refuse,
  submitResult: refuse,
  delegate: refuse,
  ask: refuse,
  reportProgress: refuse,
  recall: refuse,
};

export async function openBench(options: Partial<ToolsOptions> = {}): Promise<Bench> {
  const home = await realpath(await mkdtemp(join(tmpdir(), "ao-tools-")));
  const root = join(home, "work");
  const outside = join(home, "outside");
  await mkdir(root);
  await mkdir(outside);
  const saved: string[] = [];
  const saveOutput = (content: string): Promise<{ hash: string; bytes: number }> => {
    saved.push(content);
    return Promise.resolve({ hash: `sha256:saved${saved.length}`, bytes: Buffer.byteLength(content) });
  };
  const tools = await createTools({ saveOutput, ...options });
  const scope: CallScope = { sessionId: "s_1", taskId: "t_1", callId: "c_1", agent: "tester", root, writable: true, control: noControl };
  const never = new AbortController().signal;
  return {
    root,
    outside,
    tools,
    saved,
    scope,
    call: (tool, args, overrides = {}, signal = never) => tools.call(tool, args, { ...scope, ...overrides }, signal),
    put: async (path, content) => {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    },
    get: (path) => readFile(join(root, path), "utf8"),
    close: async () => {
      await tools.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** The code of a failed result; "ok" of a good one, so that a wrong success reads well in a failing test. */
export function codeOf(result: CallResult): string {
  return result.ok ? "ok" : result.code;
}
