// `@orchestrator` in the editor's own chat: a prompt becomes a session, its progress and answer stream into the chat.

import * as vscode from "vscode";
import { isKnown, type TraceEvent } from "../protocol/events.ts";
import type { Desk } from "./desk.ts";

const participantId = "agent-orchestrator.orchestrator";

/** What a slash command makes of the prompt. */
const commands: Record<string, (prompt: string) => { text: string; workflow?: string; agent?: string }> = {
  run: (text) => ({ text }),
  review: (text) => ({ text: text || "Review the project's code; change nothing.", agent: "coordinator", workflow: "auto" }),
  consensus: (text) => ({ text, workflow: "consensus" }),
  sequential: (text) => ({ text, workflow: "sequential" }),
  parallel: (text) => ({ text, workflow: "parallel" }),
};

export function registerChat(desk: Desk): vscode.Disposable {
  const participant = vscode.chat.createChatParticipant(participantId, (request, _context, stream, token) =>
    answer(desk, request, stream, token),
  );
  participant.iconPath = vscode.Uri.joinPath(desk.context.extensionUri, "media", "icon.svg");
  participant.followupProvider = {
    provideFollowups: (result) =>
      result.metadata?.["changes"] === true ? [{ prompt: "", command: "apply", label: vscode.l10n.t("Apply the changes") }] : [],
  };
  return participant;
}

async function answer(
  desk: Desk,
  request: vscode.ChatRequest,
  stream: vscode.ChatResponseStream,
  token: vscode.CancellationToken,
): Promise<vscode.ChatResult> {
  if (request.command === "apply") return applied(desk, stream);
  const asked = (commands[request.command ?? "run"] ?? commands["run"]!)(request.prompt);
  const { sessionId } = await desk.start({ attachments: [], ...asked });
  desk.current = sessionId;
  const { engine } = await desk.runtime();
  const unfollow = await engine.follow(sessionId, 0, (event) => report(event, stream));
  const stopping = token.onCancellationRequested(() => void engine.dispatch({ type: "session.cancel", sessionId }));
  try {
    const outcome = await desk.running.get(sessionId);
    if (!outcome?.ok) return { errorDetails: { message: outcome?.error.message ?? vscode.l10n.t("The run did not start.") } };
    stream.markdown(outcome.value.answer || (outcome.value.reason ?? outcome.value.status));
    const changes = (await engine.state(sessionId))?.landing;
    if (changes && changes.decision !== "applied")
      stream.button({ command: "agentOrchestrator.reviewChanges", title: vscode.l10n.t("Review changes") });
    return { metadata: { sessionId, changes: changes !== undefined && changes.decision !== "applied" } };
  } finally {
    stopping.dispose();
    unfollow();
  }
}

async function applied(desk: Desk, stream: vscode.ChatResponseStream): Promise<vscode.ChatResult> {
  await vscode.commands.executeCommand("agentOrchestrator.applyChanges");
  const state = desk.current === undefined ? undefined : await (await desk.runtime()).engine.state(desk.current);
  stream.markdown(
    state?.landing?.decision === "applied" ? vscode.l10n.t("The changes are in your files.") : vscode.l10n.t("Nothing was applied."),
  );
  return {};
}

/** What is worth a line while the team works; questions get a button. */
function report(event: TraceEvent, stream: vscode.ChatResponseStream): void {
  if (!isKnown(event)) return;
  if (event.type === "workflow.node.enter")
    stream.progress(`${event.payload.node.stepId ?? event.payload.node.kind} (${event.payload.agent})`);
  if (event.type === "review.scored") stream.progress(vscode.l10n.t("Review: {0}", event.payload.score.toFixed(2)));
  if (event.type === "receipt.issued") stream.progress(`${event.payload.command}: exit ${event.payload.exitCode}`);
  if (event.type === "approval.requested" || (event.type === "interrupt.raised" && event.payload.kind !== "progress_report")) {
    stream.button({ command: "agentOrchestrator.openPanel", title: vscode.l10n.t("An agent waits for your answer") });
  }
}
