// `npm run package`: makes the .vsix from what is built, and judges it: nothing of the sources, the tests or the benches,
// no native module, the entry there. Building is done before, by esbuild.

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { lastLines } from "./chromium.ts";
import { run } from "./program.ts";
import { zipEntries, type ZipEntry } from "./zipEntries.ts";

type Manifest = {
  name: string;
  version: string;
  publisher?: string;
  main?: string;
  engines?: Record<string, string>;
  contributes?: unknown;
};

export type Package = { file: string; bytes: number; entries: ZipEntry[] };

const vsce = createRequire(import.meta.url).resolve("@vscode/vsce/vsce");
const mayNotHold = [
  { what: "a file of the sources, tests or tools", pattern: /^extension\/(test|bench|src|webview|scripts|docs|plugins|\.[^/]*)\// },
  { what: "a dependency that should have been bundled", pattern: /^extension\/node_modules\// },
  { what: "a native module", pattern: /\.node$/ },
  { what: "a source map or source file", pattern: /^extension\/dist\/.*\.(map|tsx?)$/ },
];

/** The package's file; by default that of the product, in the project's folder. Throws what is wrong with it. */
export async function packageExtension(folder = ".", out?: string): Promise<string> {
  return (await makePackage(folder, out)).file;
}

async function makePackage(folder: string, out?: string): Promise<Package> {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  lookAt(manifest, folder);
  const file = resolve(out ?? join(folder, `${manifest.name}-${manifest.version}.vsix`));
  const work = mkdtempSync(join(tmpdir(), "ao-package-"));
  try {
    const made = join(work, "made.vsix");
    const own = folder === "." ? [] : ["--skip-license"];
    const args = ["package", "--no-dependencies", "--no-rewrite-relative-links", "--allow-missing-repository", "--out", made, ...own];
    const { code, output } = await run(process.execPath, [vsce, ...args], { cwd: resolve(folder), limitMs: 120_000 });
    if (code !== 0) throw new Error(`The package could not be made:\n${lastLines(output)}`);
    const entries = zipEntries(made);
    judge(entries, manifest);
    mkdirSync(dirname(file), { recursive: true });
    move(made, file);
    return { file, bytes: statSync(file).size, entries };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function lookAt({ publisher, main, engines }: Manifest, folder: string): void {
  const missing = Object.entries({ publisher, main, "engines.vscode": engines?.["vscode"] }).filter(([, value]) => value === undefined);
  if (missing.length > 0)
    throw new Error(`${join(folder, "package.json")} lacks what an extension needs: ${missing.map(([key]) => key).join(", ")}.`);
}

function judge(entries: ZipEntry[], { main = "", contributes }: Manifest): void {
  const wrong = mayNotHold.flatMap(({ what, pattern }) =>
    entries.filter(({ name }) => pattern.test(name)).map(({ name }) => `${name} (${what})`),
  );
  if (wrong.length > 0)
    throw new Error(`The package holds what it may not; mend .vscodeignore or the build:\n${wrong.slice(0, 10).join("\n")}`);
  const entry = join("extension", main).replaceAll("\\", "/");
  if (!entries.some(({ name }) => name === entry)) throw new Error(`The package lacks its entry ${main}; build first (npm run build).`);
  const lacking = pathsIn(contributes).filter((path) => !entries.some(({ name }) => name === `extension/${path}`));
  if (lacking.length > 0) throw new Error(`The package lacks what its manifest names: ${lacking.join(", ")}.`);
}

/** Icons, pictures and schemas that the manifest points to. */
function pathsIn(contributes: unknown): string[] {
  if (typeof contributes === "string") return /^(\.\/)?(dist|media)\//.test(contributes) ? [contributes.replace(/^\.\//, "")] : [];
  return typeof contributes === "object" && contributes !== null ? Object.values(contributes).flatMap(pathsIn) : [];
}

/** Beside its place first: a reader of the old file never sees half of the new one. */
function move(from: string, to: string): void {
  const beside = `${to}.${process.pid}`;
  rmSync(beside, { force: true });
  try {
    renameSync(from, beside);
  } catch {
    // Another file system.
    copyFileSync(from, beside);
  }
  renameSync(beside, to);
}

function summary({ file, bytes, entries }: Package): string {
  const folders = new Map<string, { files: number; size: number; packed: number }>();
  for (const { name, size, packed } of entries) {
    const parts = name.split("/");
    const folder = parts.length > 2 ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
    const sum = folders.get(folder) ?? { files: 0, size: 0, packed: 0 };
    folders.set(folder, { files: sum.files + 1, size: sum.size + size, packed: sum.packed + packed });
  }
  const kilobytes = (count: number): string => `${Math.ceil(count / 1024)} kB`;
  const lines = [...folders].map(
    ([name, sum]) => `  ${name}: ${sum.files} files, ${kilobytes(sum.packed)} packed, ${kilobytes(sum.size)} unpacked`,
  );
  const largest = entries.toSorted((a, b) => b.packed - a.packed).slice(0, 5);
  return [
    `${file}: ${kilobytes(bytes)}, ${entries.length} files`,
    ...lines,
    "largest:",
    ...largest.map(({ name, packed }) => `  ${name}: ${kilobytes(packed)}`),
  ].join("\n");
}

if (import.meta.main) {
  try {
    process.stdout.write(`${summary(await makePackage(process.argv[2] ?? "."))}\n`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
