// The extension's one piece of state: the engine, made when it is first needed, the runs that go on in this window, and
// who wants to know of changes. Commands, panel and status bar all work at this desk.

import * as vscode from "vscode";
import { levelUnder } from "../core/policy.ts";
import type { Engine } from "../core/engine.ts";
import { isOpen } from "../core/landingEnd.ts";
import type { SessionConfig } from "../protocol/events.ts";
import type { Commands, FollowUp, RunOutcome } from "../protocol/commands.ts";
import type { SessionId } from "../protocol/ids.ts";
import type { ToPanel } from "../protocol/panel.ts";
import { fail, messageOf, type Result } from "../protocol/result.ts";
import { beginFollowUp } from "../runtime/followUp.ts";
import type { Prompt } from "../runtime/panel.ts";
import { type Once, openOnce } from "./openOnce.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { askForServers, usableServers } from "./acceptedServers.ts";
import { unwatchAll } from "./documents.ts";
import { findModels } from "./findModels.ts";
import { withLanguageModels } from "./languageModels.ts";
import { languageServices } from "./languageServices.ts";
import { withAttachments } from "./mentions.ts";
import { lacksKey, readSecrets } from "./secrets.ts";
import { inSettingsWords, readSettings } from "./settings.ts";
import { savingFirst, unsavedIn } from "./unsaved.ts";

export type Trouble = { code: string; message: string; action?: { label: string; command: string } };

/** What an ended session goes on with. */
type Further = Pick<Commands["session.run"], "prompt" | "images">;

export type Desk = {
  context: vscode.ExtensionContext;
  /** Loads the engine on first use. Rejects with a sentence for the user when it cannot be had. */
  runtime(): Promise<Runtime>;
  /** The engine if it is loaded; nothing is loaded for asking. */
  loaded(): Runtime | undefined;
  trouble(): Trouble | undefined;
  running: Map<SessionId, Promise<Result<RunOutcome>>>;
  /** Sessions of this folder that another program runs. */
  elsewhere: Set<SessionId>;
  start(request: Prompt): Promise<{ sessionId: SessionId }>;
  resume(sessionId: SessionId, further?: Further): Promise<void>;
  /** Resolves once its run is on record; rejects with why it is refused. */
  followUp(command: FollowUp): Promise<void>;
  onChange: vscode.Event<void>;
  /** A run that could not be started or recorded: no event tells of it. */
  onFailed: vscode.Event<ToPanel["failed"]>;
  changed(): void;
  failed(failure: ToPanel["failed"]): void;
  secretsChanged(): Promise<void>;
  /** Reads agents, workflows and keys again, once no run goes on: those keep what they have. */
  reload(): Promise<void>;
  /** The session that commands mean when none is named: the one shown last. */
  current?: SessionId;
  close(): Promise<void>;
};

export function createDesk(context: vscode.ExtensionContext): Desk {
  const changes = new vscode.EventEmitter<void>();
  const failures = new vscode.EventEmitter<ToPanel["failed"]>();
  let fault: Trouble | undefined;
  let stale = false;
  let begun = 0;
  const isIdle = (): boolean => desk.running.size === 0 && begun === 0;
  /** The engine stays while a run is being begun with it. */
  const beginning = async <T>(work: () => Promise<T>): Promise<T> => {
    begun += 1;
    try {
      return await work();
    } finally {
      begun -= 1;
      desk.changed();
    }
  };

  const runtime: Once<Runtime> = openOnce<Runtime>({
    open: () => openRuntime(context, async (id) => (await runtime.present()?.engine.state(id))?.workspace),
    close: (opened) => opened.close(),
    settled(why) {
      fault = why === undefined ? undefined : troubleOf(why);
      if (!fault) void askForServers(desk, trustedFolder()).catch(() => undefined);
      // What waits here from earlier can be told now.
      changes.fire();
    },
  });
  const desk: Desk = {
    context,
    loaded: () => runtime.present(),
    runtime: () => runtime.get(),
    trouble: () => fault ?? folderTrouble(),
    running: new Map(),
    elsewhere: new Set(),
    start: (request) => beginning(() => start(desk, request)),
    resume: (sessionId, further) => beginning(() => resume(desk, sessionId, further)),
    followUp: (command) => beginning(() => followUp(desk, command)),
    onChange: changes.event,
    onFailed: failures.event,
    failed: (failure) => failures.fire(failure),
    changed() {
      if (stale && isIdle()) void desk.reload();
      else changes.fire();
    },
    secretsChanged: () => desk.reload(),
    async reload() {
      stale = !isIdle();
      if (!stale) await desk.close();
      changes.fire();
    },
    close: () => runtime.close(),
  };
  context.subscriptions.push(changes, failures, new vscode.Disposable(unwatchAll));
  return desk;
}

function troubleOf(error: unknown): Trouble {
  const action = { label: vscode.l10n.t("Run doctor"), command: "agentOrchestrator.doctor" };
  return { code: "store", message: inSettingsWords(messageOf(error)), action };
}

async function openRuntime(context: vscode.ExtensionContext, folderOf: (id: SessionId) => Promise<string | undefined>): Promise<Runtime> {
  const { createRuntime } = await import("../runtime/runtime.ts");
  const { dataDir } = readSettings();
  const env = { ...process.env, ...(await readSecrets(context)), ...(dataDir ? { AO_DATA_DIR: dataDir } : {}) };
  const folder = trustedFolder();
  const workspace = folder ? { workspace: folder } : {};
  const servers = await usableServers(context, folder);
  const inEditor = { moreModels: withLanguageModels, editor: languageServices(folderOf), unsaved: unsavedIn };
  const say = (line: string): void => void vscode.window.showWarningMessage(line);
  const runtime = await createRuntime({ env, attended: true, say, ...workspace, ...inEditor, servers });
  return { ...runtime, engine: savingFirst(runtime.engine, runtime.store) };
}

function folderTrouble(): Trouble | undefined {
  if (!vscode.workspace.isTrusted) {
    const message = vscode.l10n.t("This folder is not trusted, so agents may not work in it.");
    return { code: "untrusted", message, action: { label: vscode.l10n.t("Manage trust"), command: "workbench.trust.manage" } };
  }
  if (workspaceFolder() !== undefined) return undefined;
  const message = vscode.l10n.t("No folder is open; agents need a project to work in.");
  return { code: "no_folder", message, action: { label: vscode.l10n.t("Open folder"), command: "vscode.openFolder" } };
}

/** Nothing of another is read. */
export function trustedFolder(): string | undefined {
  return vscode.workspace.isTrusted ? workspaceFolder() : undefined;
}

export function workspaceFolder(): string | undefined {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === "file");
  const active = vscode.window.activeTextEditor?.document.uri;
  const ofEditor = active && vscode.workspace.getWorkspaceFolder(active);
  return (ofEditor?.uri.scheme === "file" ? ofEditor : folders[0])?.uri.fsPath;
}

async function start(desk: Desk, request: Prompt): Promise<{ sessionId: SessionId }> {
  const trouble = desk.trouble();
  if (trouble) throw new Error(trouble.message);
  const { engine, models } = await desk.runtime();
  const prompt = withAttachments(request.text, request.attachments);
  const images = request.images?.length ? { images: request.images } : {};
  if (request.sessionId !== undefined) {
    await resume(desk, request.sessionId, { prompt, ...images });
    return { sessionId: request.sessionId };
  }
  const config = await configFor(desk, request);
  const usable = models.resolve(config.model);
  if (!usable.ok) {
    if (!(await lacksKey(desk.context, config.model))) throw new Error(usable.error.message);
    throw Object.assign(new Error(keyMissing(config.model)), { code: "no_key" });
  }
  const created = await engine.dispatch({ type: "session.create", goal: prompt, workspace: workspaceFolder()!, config, ...images });
  if (!created.ok) throw new Error(created.error.message);
  run(desk, engine, { sessionId: created.value.sessionId });
  return created.value;
}

function keyMissing(model: string): string {
  return vscode.l10n.t('The model {0} needs an API key: run "Agent Orchestrator: Set API Key", or choose another model.', model);
}

async function configFor(desk: Desk, request: Prompt): Promise<SessionConfig> {
  const settings = readSettings();
  const policy = await (await desk.runtime()).policy(trustedFolder() ?? "");
  const model = request.model ?? (settings.model || (await findModels(desk))[0]?.name);
  if (!model) throw new Error(vscode.l10n.t("No model to work with: set an API key, choose a model, or start LM Studio or Ollama."));
  return {
    model,
    models: [],
    workflow: request.workflow ?? settings.workflow,
    agent: request.agent ?? "coordinator",
    level: levelUnder(policy, request.level ?? settings.level),
    budget: settings.budget,
    apply: settings.applyAtEnd,
    yesTo: [],
    ask: true,
    modelOverrides: request.model !== undefined || settings.model !== "",
  };
}

async function resume(desk: Desk, sessionId: SessionId, further: Further = {}): Promise<void> {
  const { engine } = await desk.runtime();
  // A run that waits only for a word on its result gives way to a further prompt, which goes on with that.
  const state = await engine.state(sessionId);
  const givesWay = further.prompt !== undefined && isOpen(state?.landing);
  // One whose end is on record is only being put away.
  if (desk.running.has(sessionId) && state?.run?.status === "running" && !givesWay)
    throw new Error(vscode.l10n.t("This session is working; stop it first, or wait for its end."));
  run(desk, engine, { sessionId, ...further });
}

async function followUp(desk: Desk, command: FollowUp): Promise<void> {
  const trouble = desk.trouble();
  if (trouble) throw new Error(trouble.message);
  const { engine } = await desk.runtime();
  const { ended } = await beginFollowUp(engine, command);
  track(desk, command.sessionId, ended);
}

function run(desk: Desk, engine: Engine, command: { sessionId: SessionId } & Further): void {
  const ended = engine.dispatch({ type: "session.run", ...command }).catch((error: unknown) => fail("not_recorded", messageOf(error)));
  track(desk, command.sessionId, ended);
}

function track(desk: Desk, sessionId: SessionId, ended: Promise<Result<RunOutcome>>): void {
  desk.running.set(sessionId, ended);
  desk.changed();
  void ended
    .then((outcome) => outcome.ok || desk.failed({ sessionId, message: inSettingsWords(outcome.error.message) }))
    .finally(() => {
      if (desk.running.get(sessionId) === ended) desk.running.delete(sessionId);
      desk.changed();
    });
}
