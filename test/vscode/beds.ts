// The beds that suites run in: one run of VS Code each, with its extension, folders, settings and trust. A bed's suites lie
// in the folder of its name under suite/. A suite that needs another window is put into another bed, not worked around.

import { join } from "node:path";
import type { Settings } from "../../scripts/vscode/settings.ts";

export type Bed = {
  /** "development": the project as it is built; "installed": its package; or a folder with an extension. */
  extension: "development" | "installed" | { folder: string };
  /** How many workspace folders are open, each a copy of the sample project; default one. */
  folders?: number;
  settings?: Settings;
  /** Default true. */
  trust?: boolean;
  env?: Record<string, string>;
};

const standIn = { folder: join(import.meta.dirname, "standIn") };

export const beds: Record<string, Bed> = {
  bed: { extension: standIn, settings: { "standIn.word": "chosen by the bed" } },
  bedUntrusted: { extension: standIn, trust: false },
  bedSeveralFolders: { extension: standIn, folders: 2 },
};
