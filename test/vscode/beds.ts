// The beds that suites run in: one run of VS Code each, with its extension, folders, settings and trust. A bed's suites lie
// in the folder of its name under suite/. A suite that needs another window is put into another bed, not worked around.

import { join } from "node:path";
import type { Settings } from "../../scripts/vscode/settings.ts";

export type Bed = {
  /** The extension's folder ("." is the product), run as it is built, or packaged and installed as users have it. */
  extension: { folder: string; installed?: boolean };
  /** Another extension's folder, run beside an installed one. */
  beside?: string;
  /** How many workspace folders are open, each a copy of the sample project; default one. */
  folders?: number;
  settings?: Settings;
  /** Default true. */
  trust?: boolean;
  env?: Record<string, string>;
  /** For the bed's own proof: what its suites report must be failures, and that then counts as one test passed. */
  mustFail?: boolean;
};

const standIn = { folder: join("test", "vscode", "standIn") };

export const beds: Record<string, Bed> = {
  productUntrusted: { extension: { folder: "." }, settings: { "agentOrchestrator.model": "demo" }, trust: false },
  productAgents: { extension: { folder: "." }, settings: { "agentOrchestrator.model": "demo" } },
  product: { extension: { folder: "." }, settings: { "agentOrchestrator.model": "demo" } },
  productGit: { extension: { folder: "." }, settings: { "agentOrchestrator.model": "demo", "git.enabled": true } },
  productModels: {
    extension: { folder: ".", installed: true },
    beside: join("test", "vscode", "modelExtension"),
    settings: { "agentOrchestrator.model": "vscode:scripted-1" },
  },
  bed: { extension: standIn, settings: { "standIn.word": "chosen by the bed" } },
  bedRestricted: { extension: { ...standIn, installed: true }, trust: false, folders: 2 },
  bedMustFail: { extension: standIn, mustFail: true },
  bedMustFailCrash: { extension: standIn, mustFail: true },
};
