// A session's work into the user's repository, from the editor: committed by the engine, which runs no hook; or the drafted
// message and the files put into the editor's own Source Control, where the person commits, with their hooks.

import * as vscode from "vscode";
import { isOpen } from "../core/landingEnd.ts";
import type { CommandAnswer, Commands } from "../protocol/commands.ts";
import { uncommitted } from "../protocol/landed.ts";
import type { SessionState } from "../protocol/state.ts";
import type { Runtime } from "../runtime/runtime.ts";

type Committed = CommandAnswer["changes.commit"];

/** What a keybinding or a test may say beforehand. */
type Given = { message?: unknown; branch?: unknown };

/** The commit; undefined when the user turned away. */
export async function commitResult(runtime: Runtime, state: SessionState, given: Given = {}): Promise<string | undefined> {
  const onBranch = isOpen(state.landing) && uncommitted(state).length === 0;
  const branch = textOf(given.branch) ?? (onBranch ? await askBranch() : undefined);
  if (onBranch && branch === undefined) return undefined;
  const place = branch === undefined ? {} : { branch };
  const draft = await commit(runtime, state, { ...place, dryRun: true, trailers: false });
  const message = textOf(given.message) ?? (await askSubject(draft));
  if (message === undefined) return undefined;
  const done = await commit(runtime, state, { ...place, message });
  const said = vscode.l10n.t(
    "Committed {0} on {1} as {2}. No hook was run.",
    done.files.join(", "),
    done.branch,
    done.commit?.slice(0, 10) ?? "",
  );
  void vscode.window.showInformationMessage([said, ...done.remarks].join(" "));
  return done.commit ?? undefined;
}

async function askBranch(): Promise<string | undefined> {
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t("Commit result"),
    prompt: vscode.l10n.t("The result waits: it is committed to a new branch, and your files stay as they are. Its name?"),
    ignoreFocusOut: true,
  });
  return name?.trim() || undefined;
}

/** An input has one line: the rest of the draft goes along as it is. */
async function askSubject({ message, branch }: Committed): Promise<string | undefined> {
  const [subject = "", ...rest] = message.trimEnd().split("\n");
  const edited = await vscode.window.showInputBox({
    title: vscode.l10n.t("Commit result to {0}", branch),
    prompt: vscode.l10n.t("The first line of the message; what was done and proven follows it. No hook of the repository is run."),
    value: subject,
    validateInput: (value) => (value.trim() === "" ? vscode.l10n.t("A commit needs a message.") : undefined),
    ignoreFocusOut: true,
  });
  return edited === undefined ? undefined : [edited.trim(), ...rest].join("\n");
}

async function commit(
  { engine }: Runtime,
  { id: sessionId }: SessionState,
  options: Partial<Commands["changes.commit"]>,
): Promise<Committed> {
  const done = await engine.dispatch({ type: "changes.commit", sessionId, by: "user", ...options });
  if (!done.ok) throw new Error(done.error.message);
  return done.value;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

/** What we use of the editor's own git extension (`vscode.git`, version 1 of its interface). */
type GitRepository = { rootUri: vscode.Uri; inputBox: { value: string }; add(paths: string[]): Promise<void> };
type GitInterface = {
  getRepository(uri: vscode.Uri): GitRepository | null;
  openRepository?(root: vscode.Uri): Promise<GitRepository | null>;
};
type GitExtension = { enabled: boolean; getAPI(version: 1): GitInterface };

/** The message that stands there now. */
export async function messageToSourceControl(runtime: Runtime, state: SessionState): Promise<string> {
  const { files, message } = await commit(runtime, state, { dryRun: true });
  const folder = vscode.Uri.file(state.workspace);
  const repository = await repositoryAt(folder);
  if (!repository)
    throw new Error(
      vscode.l10n.t("The editor's own Git is not at work in this folder: use Commit Result… instead, or turn it on (git.enabled)."),
    );
  await repository.add(files.map((path) => vscode.Uri.joinPath(folder, path).fsPath));
  repository.inputBox.value = message.trimEnd();
  await vscode.commands.executeCommand("workbench.view.scm");
  return repository.inputBox.value;
}

export function hasGit(): boolean {
  return vscode.extensions.getExtension("vscode.git") !== undefined && vscode.workspace.getConfiguration("git").get("enabled") !== false;
}

async function repositoryAt(folder: vscode.Uri): Promise<GitRepository | undefined> {
  const extension = vscode.extensions.getExtension<GitExtension>("vscode.git");
  const git = extension && (await extension.activate());
  if (!git?.enabled) return undefined;
  const known = git.getAPI(1);
  return known.getRepository(folder) ?? (await known.openRepository?.(folder)) ?? undefined;
}
