// Runs one bed in the workbench of code-server: a server of its own, a browser that loads it, and the exit code of the
// extension host.

import { openWorkbench } from "../ui/harness/browser.ts";
import { startWorkbench } from "../../scripts/vscode/server.ts";
import type { Prepared } from "./prepare.ts";

/** Resolves with what the host had to say if it gave no report; the report itself is the task's file. */
export async function runInServer(prepared: Prepared, limitMs: number, verbose: boolean): Promise<string> {
  const { folders, settings, vsix, trust, env } = prepared;
  const folder = folders.length > 1 ? { folder: folders } : folders[0] === undefined ? {} : { folder: folders[0] };
  const workbench = await startWorkbench({ ...folder, settings, vsix, trust, env });
  try {
    const exit = Promise.withResolvers<number>();
    const open = await openWorkbench(workbench, {
      developmentExtension: prepared.extension,
      tests: prepared.entry,
      onTestsEnd: exit.resolve,
      ...(verbose ? { onTestsLog: (words) => process.stderr.write(`${words}\n`) } : {}),
    });
    const limit = setTimeout(() => exit.reject(new Error(`no end within ${limitMs / 1000} s`)), limitMs);
    try {
      await exit.promise;
      return workbench.logs();
    } catch (error) {
      const picture = await open.screenshot(`failed-${prepared.name}`);
      return `${(error as Error).message}; see ${picture}\n${workbench.logs()}`;
    } finally {
      clearTimeout(limit);
      await open.close();
    }
  } finally {
    await workbench.stop();
  }
}
