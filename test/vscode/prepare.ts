// Makes ready what one bed needs: bundled suites, copies of the sample project, the package to install. All of it lies in
// one folder that the caller removes.

import { cpSync, existsSync, globSync, mkdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { build } from "esbuild";
import { packageExtension } from "../../scripts/vscode/package.ts";
import type { Settings } from "../../scripts/vscode/settings.ts";
import type { Bed } from "./beds.ts";
import type { HostTask } from "./hostTask.ts";

export type Prepared = {
  name: string;
  /** The module that VS Code calls. */
  entry: string;
  /** The extension under development; an empty one where the package is installed. */
  extension: string;
  vsix: string[];
  folders: string[];
  settings: Settings;
  trust: boolean;
  env: Record<string, string>;
  report: string;
};

const sample = "agents/demo/project";

export function suitesOf(name: string): string[] {
  return globSync(join("test", "vscode", "suite", name, "**", "*.test.ts")).sort();
}

export async function prepare(root: string, name: string, bed: Bed, grep?: string): Promise<Prepared> {
  const suites = suitesOf(name);
  const built = join(root, "built");
  await build({
    entryPoints: { host: join("test", "vscode", "host.ts"), ...Object.fromEntries(suites.map((file) => [nameOf(file), file])) },
    outdir: built,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    external: ["vscode"],
    packages: "external",
    sourcemap: "inline",
    logLevel: "warning",
  });
  const report = join(root, "report.json");
  const task: HostTask = {
    files: suites.map((file) => join(built, `${nameOf(file)}.mjs`)),
    report,
    timeout: 30_000,
    ...(grep ? { grep } : {}),
  };
  return {
    name,
    entry: join(built, "host.mjs"),
    extension: extensionOf(bed),
    vsix: bed.extension.installed ? [await packageExtension(bed.extension.folder, join(root, "package.vsix"))] : [],
    folders: copies(root, bed.folders ?? 1),
    settings: bed.settings ?? {},
    trust: bed.trust ?? true,
    env: { ...bed.env, AO_TEST_TASK: JSON.stringify(task) },
    report,
  };
}

function nameOf(suite: string): string {
  return relative(join("test", "vscode", "suite"), suite)
    .replaceAll(/[\\/]/g, "-")
    .replace(/\.ts$/, "");
}

/** An empty extension, or the one beside it, is developed where the real one is installed. */
function extensionOf({ extension, beside }: Bed): string {
  return resolve(extension.installed ? (beside ?? join("test", "vscode", "stub")) : extension.folder);
}

function copies(root: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const folder = join(root, `project${index === 0 ? "" : index + 1}`);
    mkdirSync(folder, { recursive: true });
    if (existsSync(sample)) cpSync(sample, folder, { recursive: true });
    return folder;
  });
}
