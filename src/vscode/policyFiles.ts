// Policy files in the editor: opened with a starter, accepted after a look at what they allow, their faults at their lines.

import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as vscode from "vscode";
import type { Policy } from "../core/policy.ts";
import { type Desk, trustedFolder } from "./desk.ts";

const isPolicy = /[\\/](\.agents[\\/]policy\.(ya?ml|json)|policy\.yaml)$/;

/** Opens the user's or the project's policy, or accepts the project's; the file that was opened or accepted. */
export async function editPolicy(desk: Desk, which?: unknown): Promise<string | undefined> {
  const { dataDir } = await desk.runtime();
  const folder = trustedFolder();
  const own = join(dataDir, "policy.yaml");
  const project = folder === undefined ? undefined : await projectFile(folder);
  const items = [
    { id: "user", label: vscode.l10n.t("Your policy"), description: own, file: own },
    ...(project === undefined
      ? []
      : [{ id: "project", label: vscode.l10n.t("This project's policy"), description: project, file: project }]),
    ...(await unaccepted(desk, folder)).map((file) => ({
      id: "accept",
      label: vscode.l10n.t("Accept this project's policy…"),
      description: vscode.l10n.t("so far it only tightens"),
      file,
    })),
  ];
  const chosen =
    items.find(({ id }) => id === which) ?? (await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Policy of the agents") }));
  if (!chosen) return undefined;
  if (chosen.id === "accept") return acceptPolicy(desk, chosen.file);
  await openOrBegin(chosen.file);
  return chosen.file;
}

async function projectFile(folder: string): Promise<string> {
  const { workspacePolicies } = await import("../runtime/policy.ts");
  const files = workspacePolicies.map((name) => join(folder, name));
  return files.find((file) => existsSync(file)) ?? files[0]!;
}

async function unaccepted(desk: Desk, folder: string | undefined): Promise<string[]> {
  if (folder === undefined) return [];
  const { files } = await (await desk.runtime()).policy(folder);
  return files.filter(({ trusted }) => !trusted).map(({ file }) => file);
}

async function openOrBegin(file: string): Promise<void> {
  if (!existsSync(file)) {
    const { starterPolicy } = await import("../runtime/policy.ts");
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, starterPolicy, { flag: "wx" });
  }
  await vscode.window.showTextDocument(vscode.Uri.file(file));
}

/** What it would loosen stands in the question; exactly the bytes that were shown are accepted. */
async function acceptPolicy(desk: Desk, file: string): Promise<string | undefined> {
  const { acceptPolicyFile, loosenings } = await import("../runtime/policyCheck.ts");
  const text = await readFile(file, "utf8");
  const detail = (await loosenings(text)).join("\n");
  const accept = vscode.l10n.t("Accept");
  const question = vscode.l10n.t("Let {0} allow all that it says?", vscode.workspace.asRelativePath(file));
  const answer = await vscode.window.showWarningMessage(question, { modal: true, detail }, accept);
  if (answer !== accept) return undefined;
  const { dataDir } = await desk.runtime();
  const accepted = await acceptPolicyFile({ AO_DATA_DIR: dataDir }, file, text);
  if (!accepted.ok) throw new Error(accepted.faults[0]);
  desk.changed();
  return file;
}

/** Faults of policy files at their lines, looked at when one is saved and when the engine is there. */
export function registerPolicyFiles(desk: Desk): vscode.Disposable[] {
  const faults = vscode.languages.createDiagnosticCollection("agent-orchestrator-policy");
  const show = async (): Promise<void> => {
    const runtime = desk.loaded();
    if (runtime) showFaults(faults, await runtime.policy(trustedFolder() ?? ""));
  };
  const shown = (): void => void show().catch(() => undefined);
  const onSave = vscode.workspace.onDidSaveTextDocument(({ fileName }) => isPolicy.test(fileName) && desk.changed());
  return [faults, onSave, desk.onChange(shown)];
}

function showFaults(collection: vscode.DiagnosticCollection, { problems }: Policy): void {
  collection.clear();
  for (const file of new Set(problems.map((problem) => problem.file))) {
    const found = problems
      .filter((problem) => problem.file === file)
      .map(({ line, column, message }) => {
        const range = new vscode.Range(line - 1, column - 1, line - 1, Number.MAX_SAFE_INTEGER);
        return new vscode.Diagnostic(range, vscode.l10n.t("{0} Until it is mended, only reading is allowed.", message));
      });
    collection.set(vscode.Uri.file(file), found);
  }
}
