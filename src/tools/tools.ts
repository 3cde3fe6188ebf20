// The tools port. What is behind it (builtInTools.ts) is loaded when the first tool is wanted: MCP and its schemas are
// half of a program's start, and looking at a session needs no tool.

import type { ToolsPort } from "../core/ports.ts";
import type { EditorPort } from "./ide/editorPort.ts";
import type { SaveOutput } from "./outputLimit.ts";

export type ToolsOptions = {
  /** The git program; found on PATH by default. */
  git?: string;
  /** What commands may inherit is taken from here, by name; the process's own environment by default. */
  shell?: { env: Record<string, string | undefined> };
  /** The editor that the `ide` tools ask; without one they are not offered. */
  editor?: EditorPort;
  /** Keeps an output that is too long to show. */
  saveOutput: SaveOutput;
  /** The longest content, in characters. */
  outputLimit?: number;
};

export type Tools = ToolsPort & { close(): Promise<void> };

export function createTools(options: ToolsOptions): Promise<Tools> {
  let opened: Promise<Tools> | undefined;
  const open = (): Promise<Tools> => (opened ??= import("./builtInTools.ts").then(({ openBuiltInTools }) => openBuiltInTools(options)));
  return Promise.resolve({
    list: async () => (await open()).list(),
    call: async (tool, args, scope, signal) => (await open()).call(tool, args, scope, signal),
    judge: async (tool, args, scope) => (await open()).judge(tool, args, scope),
    close: async () => await (await opened)?.close(),
  });
}
