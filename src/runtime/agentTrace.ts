// Who wrote which lines of the user's files, in the Agent Trace format, for programs that have the record.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type AgentTrace, tracesNow } from "../core/agentTrace.ts";
import type { StorePort } from "../core/ports.ts";
import type { SessionState } from "../protocol/state.ts";
import { createWorkspace } from "../workspace/workspace.ts";

export async function agentTraces({ store, dataDir }: { store: StorePort; dataDir: string }, state: SessionState): Promise<AgentTrace[]> {
  const read = (path: string): string | undefined => {
    try {
      return readFileSync(join(state.workspace, path), "utf8");
    } catch {
      return undefined;
    }
  };
  return await tracesNow({ store, workspace: createWorkspace({ dataDir }) }, state, read, new Date().toISOString());
}
