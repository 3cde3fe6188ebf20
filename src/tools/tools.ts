// The tools port. What is behind it (builtInTools.ts) is loaded when the first tool is wanted: MCP and its schemas are
// half of a program's start, and looking at a session needs no tool.

import type { ToolsPort } from "../core/ports.ts";
import type { SandboxPort } from "../core/sandboxPort.ts";
import type { EditorPort } from "./ide/editorPort.ts";
import type { SaveOutput } from "./outputLimit.ts";
import type { WebAccess } from "./web/get.ts";

export type ToolsOptions = {
  /** The git program; found on PATH by default. */
  git?: string;
  /** What commands may inherit is taken from here, by name; the process's own environment by default. */
  shell?: { env: Record<string, string | undefined> };
  /** Where commands and servers of others run; without one, as they are. */
  sandbox?: SandboxPort;
  /** The editor that the `ide` tools ask; without one they are not offered. */
  editor?: EditorPort;
  /** How the web is reached; a test stands in here, nothing else does. */
  web?: WebAccess;
  /** Keeps an output that is too long to show. */
  saveOutput: SaveOutput;
  /** Takes secrets out of what tools answer. */
  clean?: (text: string) => string;
  /** The longest content, in characters. */
  outputLimit?: number;
};

/** A file as a call would find and leave it, by its path in the task's folder; a side is absent where there is no file. */
export type Preview = { path: string; before?: string; after?: string };

export type Tools = ToolsPort & {
  /** What a call would do to files, for a person who is to approve it. Nothing is written; empty where it cannot be told. */
  preview(tool: string, args: unknown, root: string): Promise<Preview[]>;
  close(): Promise<void>;
};

export function createTools(options: ToolsOptions): Promise<Tools> {
  let opened: Promise<Tools> | undefined;
  const open = (): Promise<Tools> => (opened ??= import("./builtInTools.ts").then(({ openBuiltInTools }) => openBuiltInTools(options)));
  return Promise.resolve({
    list: async () => (await open()).list(),
    call: async (tool, args, scope, signal) => (await open()).call(tool, args, scope, signal),
    judge: async (tool, args, scope) => (await open()).judge(tool, args, scope),
    preview: async (tool, args, root) => (await open()).preview(tool, args, root),
    close: async () => await (await opened)?.close(),
  });
}
