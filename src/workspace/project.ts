// What a project's own files say about it: its checks, its language, its rules for agents. Reads, runs nothing.

import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, extname, join } from "node:path";
import type { Check, ProjectWish } from "../core/workspacePort.ts";
import { checkKinds } from "../protocol/agents.ts";
import { dependencyFolders } from "./listing.ts";

const rulesLimit = 64 * 1024;

export function findChecks(root: string, wished: NonNullable<ProjectWish["checks"]> = {}): Check[] {
  const found = [...nodeChecks(root), ...pythonChecks(root), ...rustChecks(root), ...goChecks(root)];
  const declared = found.some(({ kind }) => kind === "test") ? found : [...found, ...makeChecks(root)];
  return [...wishedChecks(root, wished), ...declared.filter(({ kind }) => wished[kind] === undefined)];
}

/** A command that a person chose is defined by the project's files where it runs a script of theirs. */
function wishedChecks(root: string, wished: NonNullable<ProjectWish["checks"]>): Check[] {
  const scripts = scriptsOf(text(join(root, "package.json")));
  return checkKinds.flatMap((kind): Check[] => {
    const command = wished[kind];
    if (command === undefined) return [];
    const name = /^(?:npm|pnpm|yarn|bun)(?:\s+run)?\s+([\w:.-]+)/.exec(command.trim())?.[1];
    return [{ kind, command, ...(name === undefined ? {} : { definition: definitionOf(scripts, name) }) }];
  });
}

function nodeChecks(root: string): Check[] {
  const scripts = scriptsOf(text(join(root, "package.json")));
  const runner = packageRunner(root);
  const checks: Check[] = [];
  const test = scripts["test"];
  const add = (kind: Check["kind"], command: string): number => checks.push({ kind, command, definition: definitionOf(scripts, kind) });
  if (test !== undefined && !/no test specified/.test(test)) add("test", runner === "bun" ? "bun run test" : `${runner} test`);
  if (scripts["build"] !== undefined) add("build", `${runner} run build`);
  if (scripts["lint"] !== undefined) add("lint", `${runner} run lint`);
  return checks;
}

/** With what runs before and after it by its name, and all scripts that it names. */
function definitionOf(scripts: Record<string, string>, name: string): string {
  const seen = new Set<string>();
  const open = [name];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const texts = [`pre${next}`, next, `post${next}`].filter((one) => scripts[one] !== undefined && !seen.has(one));
    for (const one of texts) seen.add(one);
    open.push(
      ...texts.flatMap((one) => scripts[one]!.match(/[\w:.-]+/g) ?? []).filter((word) => Object.hasOwn(scripts, word) && !seen.has(word)),
    );
  }
  return [...seen].map((one) => scripts[one]).join("\n");
}

function scriptsOf(json: string): Record<string, string> {
  try {
    const { scripts } = JSON.parse(json) as { scripts?: unknown };
    const entries = Object.entries((scripts ?? {}) as Record<string, unknown>);
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[1].trim() !== ""));
  } catch {
    return {};
  }
}

function packageRunner(root: string): "npm" | "pnpm" | "yarn" | "bun" {
  const has = (file: string): boolean => existsSync(join(root, file));
  if (has("pnpm-lock.yaml")) return "pnpm";
  if (has("yarn.lock")) return "yarn";
  return has("bun.lock") || has("bun.lockb") ? "bun" : "npm";
}

function pythonChecks(root: string): Check[] {
  const declared =
    /^\[tool\.pytest/m.test(text(join(root, "pyproject.toml"))) ||
    /^\[(tool:)?pytest\]/m.test(text(join(root, "setup.cfg")) + text(join(root, "tox.ini"))) ||
    ["pytest.ini", "conftest.py"].some((file) => existsSync(join(root, file)));
  const isTest = (name: string): boolean => /^test_.*\.py$|_test\.py$/.test(name);
  if (!declared && ![".", "tests", "test"].some((folder) => names(join(root, folder)).some(isTest))) return [];
  return [{ kind: "test", command: `${python(root)} -m pytest` }];
}

function python(root: string): string {
  if (existsSync(join(root, ".venv", "bin", "python"))) return ".venv/bin/python";
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const has = (name: string): boolean => folders.some((folder) => folder !== "" && existsSync(join(folder, name)));
  return !has("python") && has("python3") ? "python3" : "python";
}

function rustChecks(root: string): Check[] {
  return existsSync(join(root, "Cargo.toml"))
    ? [
        { kind: "test", command: "cargo test" },
        { kind: "build", command: "cargo build" },
      ]
    : [];
}

function goChecks(root: string): Check[] {
  return existsSync(join(root, "go.mod"))
    ? [
        { kind: "test", command: "go test ./..." },
        { kind: "build", command: "go build ./..." },
      ]
    : [];
}

function makeChecks(root: string): Check[] {
  const makefile = ["GNUmakefile", "makefile", "Makefile"].map((name) => text(join(root, name))).find((found) => found !== "") ?? "";
  const rules = makefile.match(testRule);
  return rules ? [{ kind: "test", command: "make test", definition: rules.join("").trimEnd() }] : [];
}

/** The line of the target and the indented lines of its recipe. */
const testRule = /^test\s*:(?!:?=)[^\n]*(?:\n(?:\t[^\n]*|[ \t]*(?=\n\t)))*\n?/gm;

const languages: Record<string, string> = {
  ".ts": "typescript",
  ".tsx": "typescript",
  ".mts": "typescript",
  ".cts": "typescript",
  ".js": "typescript",
  ".jsx": "typescript",
  ".mjs": "typescript",
  ".cjs": "typescript",
  ".py": "python",
  ".pyi": "python",
  ".rs": "rust",
  ".go": "go",
  ".java": "java",
  ".kt": "kotlin",
  ".cs": "csharp",
  ".rb": "ruby",
  ".php": "php",
  ".swift": "swift",
  ".c": "c",
  ".h": "c",
  ".cc": "cpp",
  ".cpp": "cpp",
  ".hpp": "cpp",
};

const entryLimit = 4000;
const passedBy = new Set([...dependencyFolders, "target", "dist", "build", "out", "vendor", "venv", "coverage", "__pycache__"]);

/** The language that most of the files are in, judged by the first few thousand, the nearest first. */
export function findLanguage(root: string): string | undefined {
  const counts = new Map<string, number>();
  const open = [root];
  for (let looked = 0; open.length > 0 && looked < entryLimit;) {
    const folder = open.shift()!;
    for (const entry of entries(folder)) {
      if (++looked >= entryLimit) break;
      if (entry.isDirectory() && !entry.name.startsWith(".") && !passedBy.has(entry.name)) open.push(join(folder, entry.name));
      const language = entry.isFile() ? languages[extname(entry.name).toLowerCase()] : undefined;
      if (language !== undefined) counts.set(language, (counts.get(language) ?? 0) + 1);
    }
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** `AGENTS.md` of the folder itself; a link that leads out of the folder is not followed. */
export function readRules(root: string): string | undefined {
  const file = join(root, "AGENTS.md");
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (!found) return undefined;
  if (found.isSymbolicLink() && !isWithin(root, file)) return undefined;
  const rules = text(file, rulesLimit);
  return rules === "" ? undefined : rules;
}

function isWithin(root: string, file: string): boolean {
  try {
    return realpathSync(file).startsWith(join(realpathSync(root), "/"));
  } catch {
    return false;
  }
}

function entries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function names(folder: string): string[] {
  return entries(folder).map(({ name }) => name);
}

function text(file: string, limit = 1024 * 1024): string {
  try {
    return readFileSync(file).subarray(0, limit).toString("utf8");
  } catch {
    return "";
  }
}
