// How sessions look to an MCP client: the fields of the HTTP interface, and what waits for an answer.

import { z } from "zod";
import type { SessionRow } from "../../core/ports.ts";
import { pendingApprovals, pendingInterrupts, type SessionState } from "../../protocol/state.ts";
import { isRunning, type Scene } from "./host.ts";

export const statusSchema = z.enum(["running", "finished", "not_existent"]);

export const sessionSchema = z.object({
  session_id: z.string(),
  session_name: z.string(),
  status: statusSchema,
  created_at: z.string(),
  modified_at: z.string(),
  project_dir: z.string(),
  agent_name: z.string(),
});

export const pendingSchema = z.object({
  id: z.string(),
  kind: z.enum(["approval", "interrupt"]),
  summary: z.string(),
  choices: z.array(z.string()).optional(),
  person_only: z.boolean().optional().describe("The session is a person's own, who alone answers it"),
});

export async function sessionOf(scene: Scene, row: SessionRow): Promise<z.infer<typeof sessionSchema>> {
  return {
    session_id: row.id,
    session_name: row.name,
    status: (await isRunning(scene, row.id)) ? "running" : "finished",
    created_at: row.createdAt,
    modified_at: row.updatedAt,
    project_dir: row.workspace,
    agent_name: row.agent,
  };
}

/** What a person, or whoever speaks for one, has to answer before the work goes on. */
export function pendingOf(state: SessionState): z.infer<typeof pendingSchema>[] {
  return [
    ...pendingApprovals(state).map(({ approvalId, tool, arguments: args, reasons }) => ({
      id: approvalId,
      kind: "approval" as const,
      summary: `${tool} ${JSON.stringify(args).slice(0, longest)} (${reasons.join("; ")})`,
    })),
    ...pendingInterrupts(state).map(({ interruptId, text, choices }) => ({
      id: interruptId,
      kind: "interrupt" as const,
      summary: text,
      ...(choices ? { choices } : {}),
    })),
  ];
}

const longest = 2_000;
