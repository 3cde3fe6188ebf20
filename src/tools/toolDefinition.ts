// What a built-in tool is made of, before MCP knows of it: input schema, access, handler, and the outcomes that a
// handler may give. Owns no transport (mcpLink.ts) and no limits on output (outputLimit.ts).

import type { z } from "zod";
import type { CallScope, ToolAccess } from "../core/ports.ts";
import type { CallResult } from "../protocol/events.ts";

export type Failed = Extract<CallResult, { ok: false }>;

/** A handler's own result; `full` is the whole output where `content` is only a part of it. */
export type Outcome = CallResult & { full?: { name: string; content: string } };

export type Call = { scope: CallScope; signal: AbortSignal; tool: string };

export type Tool = {
  name: string;
  description: string;
  input: z.ZodType;
  access: ToolAccess;
  run(input: unknown, call: Call): Promise<Outcome>;
};

export type ToolServer = { name: string; tools: Tool[] };

/** Ties the handler's argument to its schema; behind it all tools have one type. */
export function defineTool<S extends z.ZodType>(tool: {
  name: string;
  description: string;
  input: S;
  access: ToolAccess;
  run(input: z.infer<S>, call: Call): Promise<Outcome>;
}): Tool {
  return { ...tool, run: (input, call) => tool.run(input as z.infer<S>, call) };
}

export function done(content: string, details?: unknown): Extract<CallResult, { ok: true }> {
  return details === undefined ? { ok: true, content } : { ok: true, content, details };
}

export function failed(code: string, content: string, details?: unknown): Failed {
  return details === undefined ? { ok: false, code, content } : { ok: false, code, content, details };
}

const seconds = 1000;

/** The kinds of access that tools have in common. */
export const access = {
  read: { effect: "read", idempotent: true, timeoutMs: 30 * seconds },
  write: { effect: "write", idempotent: false, timeoutMs: 30 * seconds },
  rewrite: { effect: "write", idempotent: true, timeoutMs: 30 * seconds },
  record: { effect: "control", idempotent: true, timeoutMs: 30 * seconds },
  /** The longest that a command may take, and what its end needs. */
  run: { effect: "execute", idempotent: false, timeoutMs: 610 * seconds },
  wait: { effect: "control", idempotent: false, timeoutMs: null },
} as const satisfies Record<string, ToolAccess>;
