// A patch as an artifact of the record.

import type { Artifact } from "../protocol/agents.ts";
import type { Run } from "./run.ts";
import type { Patch } from "./workspacePort.ts";

export async function keepPatch(run: Run, patch: Patch, name: string): Promise<{ patch?: Artifact }> {
  if (patch.files.length === 0) return {};
  const { hash, bytes } = await run.ports.store.putArtifact(patch.text);
  return { patch: { hash, bytes, kind: "patch", name: `${name}.patch` } };
}
