// Who wrote the lines of a file, for programs that have the record: finds the workspaces that the file lies in.

import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { blame, type LineOrigin } from "../core/blame.ts";
import type { StorePort } from "../core/ports.ts";
import { createWorkspace } from "../workspace/workspace.ts";

export type { LineOrigin } from "../core/blame.ts";

export type Blame = { workspace: string; path: string; lines: (LineOrigin | undefined)[] };

/** `text`: what the file is now, saved or not. Undefined where no session has worked in a folder around the file. */
export async function blameFile(
  { store, dataDir }: { store: StorePort; dataDir: string },
  file: string,
  text: string,
): Promise<Blame | undefined> {
  const real = existsSync(dirname(file)) ? join(realpathSync(dirname(file)), basename(file)) : file;
  for (let folder = dirname(real); ; folder = dirname(folder)) {
    const [session] = await store.listSessions({ workspace: folder, limit: 1 });
    if (session) {
      const path = relative(folder, real).split(sep).join("/");
      const workspace = createWorkspace({ dataDir });
      const lines = await blame({ store, workspace }, { workspace: folder, path, text, exists: (at) => existsSync(join(folder, at)) });
      return { workspace: folder, path, lines };
    }
    if (dirname(folder) === folder) return undefined;
  }
}
