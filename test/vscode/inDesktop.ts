// Runs one bed in the desktop VS Code through its own test runner: an installed one, else one that is downloaded. Used
// where a display and the download are to be had; a closed network ends it with an error, never with a wait.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath, runTests } from "@vscode/test-electron";
import { desktopExecutable, hasDisplay } from "../../scripts/vscode/desktop.ts";
import { devCache } from "../../scripts/vscode/runtime.ts";
import { quietSettings, trustSettings } from "../../scripts/vscode/settings.ts";
import type { Prepared } from "./prepare.ts";

const downloadLimit = 10 * 60_000;

export async function runInDesktop(prepared: Prepared, limitMs: number): Promise<string> {
  if (!hasDisplay()) throw new Error("The desktop VS Code needs a display; run this under xvfb-run, or set AO_VSCODE=server.");
  const executable = desktopExecutable() ?? (await downloaded());
  const root = mkdtempSync(join(tmpdir(), "ao-desktop-"));
  const profile = [`--user-data-dir=${join(root, "data")}`, `--extensions-dir=${join(root, "extensions")}`];
  try {
    mkdirSync(join(root, "data", "User"), { recursive: true });
    const settings = { ...quietSettings, ...trustSettings(prepared.trust), ...prepared.settings };
    writeFileSync(join(root, "data", "User", "settings.json"), JSON.stringify(settings));
    install(executable, profile, prepared.vsix);
    await within(
      limitMs,
      runTests({
        vscodeExecutablePath: executable,
        extensionDevelopmentPath: prepared.extension,
        extensionTestsPath: prepared.entry,
        extensionTestsEnv: { ...prepared.env, HOME: root },
        launchArgs: [
          ...opened(root, prepared.folders),
          ...profile,
          "--disable-updates",
          ...(prepared.trust ? ["--disable-workspace-trust"] : []),
        ],
      }),
    );
    return "";
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function downloaded(): Promise<string> {
  const version = process.env["AO_VSCODE_VERSION"] ?? "stable";
  const got = downloadAndUnzipVSCode({ version, cachePath: join(devCache, "vscode", "desktop"), timeout: 15_000 });
  return within(downloadLimit, got).catch((error: unknown) => {
    throw new Error("The desktop VS Code could not be downloaded; set AO_VSCODE=server to test in the workbench of code-server.", {
      cause: error,
    });
  });
}

function install(executable: string, profile: string[], files: string[]): void {
  const [cli = "", ...args] = resolveCliArgsFromVSCodeExecutablePath(executable);
  for (const file of files) {
    const { status, stderr } = spawnSync(cli, [...args, ...profile, "--install-extension", file, "--force"], { encoding: "utf8" });
    if (status !== 0) throw new Error(`${file} could not be installed: ${stderr}`);
  }
}

function opened(root: string, folders: string[]): string[] {
  if (folders.length < 2) return folders;
  const file = join(root, "several.code-workspace");
  writeFileSync(file, JSON.stringify({ folders: folders.map((path) => ({ path })) }));
  return [file];
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const limit = setTimeout(() => late.reject(new Error(`no end within ${limitMs / 1000} s`)), limitMs);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(limit));
}
