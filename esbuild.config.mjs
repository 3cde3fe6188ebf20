// Bundles the programs: ESM with splitting, so that SDKs load when they are first used; a require of their own for
// packages that still call it. The store's worker and the sandbox's helper are entries of their own. Beside them the
// schemas for editors, and the programs that the sandbox's library brings.

import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { policySchema, teamSchema } from "./src/registry/schemas.ts";

const banner = 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

rmSync("dist", { recursive: true, force: true });

await build({
  entryPoints: {
    cli: "src/cli/entry.ts",
    extension: "src/vscode/extension.ts",
    storeWorker: "src/store/sqliteWorker.ts",
    sandboxHelper: "src/workspace/sandbox/helper.ts",
  },
  outdir: "dist",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  splitting: true,
  chunkNames: "chunk-[name]-[hash]",
  banner: { js: banner },
  sourcemap: "linked",
  legalComments: "linked",
  external: ["vscode"],
  logLevel: "warning",
});

await build({
  entryPoints: { main: "webview/main.ts" },
  outdir: "dist/webview",
  bundle: true,
  platform: "browser",
  target: "es2022",
  format: "esm",
  splitting: true,
  minify: true,
  sourcemap: "linked",
  legalComments: "linked",
  logLevel: "warning",
});

// The shell's second parser, found beside the bundle that loads it; its script does not work from within a bundle.
const parser = dirname(createRequire(import.meta.url).resolve("@vscode/tree-sitter-wasm"));
for (const name of ["tree-sitter.wasm", "tree-sitter-bash.wasm"]) copyFileSync(join(parser, name), join("dist", name));
const licence = readFileSync(join(parser, "../LICENSE"), "utf8");
writeFileSync("dist/tree-sitter.cjs", `/*!\n${licence}*/\n${readFileSync(join(parser, "tree-sitter.js"), "utf8")}`);

mkdirSync("dist/schemas");
writeFileSync("dist/schemas/team.json", JSON.stringify(teamSchema()));
writeFileSync("dist/schemas/policy.json", JSON.stringify(policySchema()));

for (const part of ["vendor/seccomp/x64", "vendor/seccomp/arm64", "vendor/java-proxy-agent/srt-proxy-agent.jar"])
  cpSync(`node_modules/@anthropic-ai/sandbox-runtime/${part}`, `dist/${part}`, { recursive: true });
