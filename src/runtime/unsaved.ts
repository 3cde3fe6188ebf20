// An editor may hold another text of a file than the disk does. Where a landing or a way back would write such a file,
// nothing at all is written and the files are named, as where a person changed the same lines (A10).

import type { WorkspacePort } from "../core/workspacePort.ts";
import { ok } from "../protocol/result.ts";

/** The files of a folder with unsaved changes in an editor, seen from there. */
export type Unsaved = (folder: string) => string[];

export function keepingUnsaved(workspace: WorkspacePort, unsaved: Unsaved): WorkspacePort {
  return {
    ...workspace,
    async land(sessionId, folder, base, result, begunAt) {
      const open = new Set(unsaved(folder));
      const { files } = open.size > 0 ? await workspace.diff(sessionId, folder, base, result) : { files: [] };
      const conflicts = files.map(({ path }) => path).filter((path) => open.has(path));
      return conflicts.length > 0 ? ok({ files: [], conflicts, inPlace: [] }) : workspace.land(sessionId, folder, base, result, begunAt);
    },
  };
}
