// A patch as an artifact of the record.

import type { Artifact } from "../protocol/agents.ts";
import type { StorePort } from "./ports.ts";
import type { Patch } from "./workspacePort.ts";

export async function keepPatch(store: Pick<StorePort, "putArtifact">, patch: Patch, name: string): Promise<{ patch?: Artifact }> {
  if (patch.files.length === 0) return {};
  const { hash, bytes } = await store.putArtifact(patch.text);
  return { patch: { hash, bytes, kind: "patch", name: `${name}.patch` } };
}
