// The layers and the house rules hold because checkers enforce them; this suite plants violations in a copy of the
// sources and expects each to be reported. Without a plant the same checkers are silent.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const restricted = /no-restricted-(imports|globals)/;

const plants: { rule: string; file: string; code: string; checker: "tsc" | "oxlint"; says?: RegExp }[] = [
  {
    rule: "protocol knows no Node",
    file: "src/protocol/planted.ts",
    code: 'import { sep } from "node:path";\nexport const a = sep;\n',
    checker: "tsc",
  },
  { rule: "protocol knows no DOM", file: "src/protocol/planted.ts", code: "export const a = document.title;\n", checker: "tsc" },
  {
    rule: "protocol does not import core",
    file: "src/protocol/planted.ts",
    code: 'export type { Ports } from "../core/ports.ts";\n',
    checker: "tsc",
  },
  {
    rule: "core does not import a layer above it",
    file: "src/core/planted.ts",
    code: 'export { createMemoryStore as a } from "../store/memory.ts";\n',
    checker: "tsc",
  },
  {
    rule: "siblings do not import one another",
    file: "src/models/planted.ts",
    code: 'export { createTools as a } from "../tools/tools.ts";\n',
    checker: "tsc",
  },
  {
    rule: "programs reach the layers through runtime",
    file: "src/cli/planted.ts",
    code: 'export { createMemoryStore as a } from "../store/memory.ts";\n',
    checker: "oxlint",
  },
  {
    rule: "SQL stays in the store (A13)",
    file: "src/tools/planted.ts",
    code: 'export { DatabaseSync as a } from "node:sqlite";\n',
    checker: "oxlint",
  },
  {
    rule: "a model's API stays in models (A13)",
    file: "src/runtime/planted.ts",
    code: 'export { Anthropic as a } from "@anthropic-ai/sdk";\n',
    checker: "oxlint",
  },
  ...["protocol", "core"].flatMap((layer) =>
    [
      ["knows no package", 'export { z as a } from "zod";\n'],
      ["knows no package's types", 'import type { Document } from "yaml";\nexport type A = Document;\n'],
      ["knows no editor", 'import type { Uri } from "vscode";\nexport type A = Uri;\n'],
      ["knows no Node", 'export { sep as a } from "node:path";\n'],
      ["knows no locale", "export const a = (b: number): string => new Intl.NumberFormat().format(b);\n"],
      ["has no way around the globals", "export const a = (): unknown => globalThis;\n"],
    ].map(([rule = "", code = ""]) => ({
      rule: `${layer} ${rule}`,
      file: `src/${layer}/planted.ts`,
      code,
      checker: "oxlint" as const,
      says: restricted,
    })),
  ),
  ...["models", "tools", "workspace", "store", "registry", "gateways", "runtime", "cli"].map((layer) => ({
    rule: `only the extension knows the editor, not ${layer}`,
    file: `src/${layer}/planted.ts`,
    code: 'import type { Uri } from "vscode";\nexport type A = Uri;\n',
    checker: "oxlint" as const,
    says: restricted,
  })),
  { rule: "core has no clock", file: "src/core/planted.ts", code: "export const a = (): number => Date.now();\n", checker: "oxlint" },
  {
    rule: "core has no randomness",
    file: "src/core/planted.ts",
    code: "export const a = (): number => Math.random();\n",
    checker: "oxlint",
  },
  { rule: "no any", file: "src/cli/planted.ts", code: "export const a = (b: any): string => String(b);\n", checker: "oxlint" },
  {
    rule: "no floating promise",
    file: "src/cli/planted.ts",
    code: "export function a(b: () => Promise<void>): void {\n  b();\n}\n",
    checker: "oxlint",
  },
  { rule: "no default export", file: "src/cli/planted.ts", code: "export default 1;\n", checker: "oxlint" },
];

describe("the checkers", () => {
  let copy: string;

  before(() => {
    copy = mkdtempSync(join(tmpdir(), "ao-guards-"));
    for (const path of ["src", "tsconfig.json", ".oxlintrc.json", "package.json"]) cpSync(path, join(copy, path), { recursive: true });
    symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
  });

  after(() => rmSync(copy, { recursive: true, force: true }));

  const check = (checker: "tsc" | "oxlint", file: string): { status: number | null; output: string } => {
    const layer = file.split("/").slice(0, 2).join("/");
    const args = checker === "tsc" ? ["-b", layer] : ["--type-aware", layer];
    const { status, stdout, stderr } = spawnSync(join("node_modules", ".bin", checker), args, { cwd: copy, encoding: "utf8" });
    return { status, output: `${stdout}${stderr}` };
  };

  for (const layer of ["src/protocol", "src/core", "src/models", "src/cli"]) {
    it(`are silent on ${layer} as it is`, () => {
      for (const checker of ["tsc", "oxlint"] as const) {
        const { status, output } = check(checker, `${layer}/x.ts`);
        assert.equal(status, 0, output);
      }
    });
  }

  for (const { rule, file, code, checker, says } of plants) {
    it(`${checker} reports a violation of: ${rule}`, () => {
      writeFileSync(join(copy, file), code);
      try {
        const { status, output } = check(checker, file);
        assert.notEqual(status, 0);
        assert.match(output, /planted\.ts/);
        if (says) assert.match(output, says);
      } finally {
        rmSync(join(copy, file));
      }
    });
  }
});
