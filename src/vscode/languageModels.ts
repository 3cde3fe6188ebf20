// The editor's own language models (`vscode:ID`) behind the models port. They have no system role and report no usage:
// the instructions travel as the first message, and tokens are counted by the model's own measure.

import * as vscode from "vscode";
import type { AskedCall, ModelMessage, ModelOutcome, ModelRequest, ModelsPort } from "../core/ports.ts";
import { messageOf, ok } from "../protocol/result.ts";
import { noUsage } from "../protocol/state.ts";
import { textOf } from "../protocol/transcript.ts";

const prefix = "vscode:";
const contextWindow = 128_000;
const maxOutput = 16_000;

type OnDelta = Parameters<ModelsPort["stream"]>[1];

/** The same port, and the editor's models beside its own. */
export function withLanguageModels(own: ModelsPort): ModelsPort {
  const ours = (model: string): boolean => model.startsWith(prefix);
  return {
    ...own,
    resolve: (model) => (ours(model) ? ok({ name: model, contextWindow, maxOutput, scripted: false }) : own.resolve(model)),
    countTokens: (request, signal) => (ours(request.model) ? Promise.resolve(estimate(request)) : own.countTokens(request, signal)),
    stream: (request, onDelta, signal) => (ours(request.model) ? stream(request, onDelta, signal) : own.stream(request, onDelta, signal)),
  };
}

function estimate({ system, messages }: ModelRequest): number {
  return Math.ceil((system.length + asText(messages).length) / 4);
}

/** For counting: images are not text. */
function asText(messages: ModelMessage[]): string {
  return messages.map((message) => (message.role === "user" ? textOf(message.content) : JSON.stringify(message))).join("\n");
}

async function stream(request: ModelRequest, onDelta: OnDelta, signal: AbortSignal): Promise<ModelOutcome> {
  const source = new vscode.CancellationTokenSource();
  const cancel = (): void => source.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const [model] = await vscode.lm.selectChatModels({ id: request.model.slice(prefix.length) });
    if (!model) return failed("unknown_model", vscode.l10n.t("The editor offers no model {0}; choose another.", request.model), false);
    return await ask(model, request, onDelta, source.token);
  } catch (error) {
    return signal.aborted ? { kind: "cancelled", usage: noUsage, costUsd: null } : failureOf(error);
  } finally {
    signal.removeEventListener("abort", cancel);
    source.dispose();
  }
}

async function ask(
  model: vscode.LanguageModelChat,
  request: ModelRequest,
  onDelta: OnDelta,
  token: vscode.CancellationToken,
): Promise<ModelOutcome> {
  const tools = request.tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
  const justification = vscode.l10n.t("Agent Orchestrator lets its agents work on your goal with this model.");
  const messages = [vscode.LanguageModelChatMessage.User(request.system), ...request.messages.map(asMessage)];
  const response = await model.sendRequest(messages, { justification, tools }, token);
  let text = "";
  const calls: AskedCall[] = [];
  for await (const part of response.stream) {
    if (part instanceof vscode.LanguageModelTextPart) {
      text += part.value;
      onDelta({ kind: "text", text: part.value });
    } else if (part instanceof vscode.LanguageModelToolCallPart) calls.push({ tool: part.name, arguments: part.input });
  }
  const input = await model.countTokens(asText(request.messages), token).then(
    (count) => count,
    () => estimate(request),
  );
  const usage = { ...noUsage, input, output: Math.ceil(text.length / 4) };
  const content = text === "" ? [] : [{ type: "text" as const, text }];
  return { kind: "answer", content, calls, stop: calls.length > 0 ? "calls" : "end", usage, costUsd: null, model: request.model };
}

function asMessage(message: ModelMessage): vscode.LanguageModelChatMessage {
  if (message.role === "user") {
    const images = message.content.filter((block) => block.type === "image");
    return vscode.LanguageModelChatMessage.User([
      new vscode.LanguageModelTextPart(textOf(message.content)),
      ...images.map(({ data, mediaType }) => vscode.LanguageModelDataPart.image(Buffer.from(data, "base64"), mediaType)),
    ]);
  }
  if (message.role === "results") {
    return vscode.LanguageModelChatMessage.User(
      message.results.map(
        ({ callId, result }) => new vscode.LanguageModelToolResultPart(callId, [new vscode.LanguageModelTextPart(result.content)]),
      ),
    );
  }
  const said = textOf(message.content);
  const calls = message.calls.map(({ callId, tool, arguments: args }) => new vscode.LanguageModelToolCallPart(callId, tool, args ?? {}));
  return vscode.LanguageModelChatMessage.Assistant([...(said ? [new vscode.LanguageModelTextPart(said)] : []), ...calls]);
}

function failureOf(error: unknown): ModelOutcome {
  const code = error instanceof vscode.LanguageModelError ? error.code : "";
  if (code === vscode.LanguageModelError.NoPermissions.name)
    return failed("denied", vscode.l10n.t("You did not allow the use of this model; allow it, then resume."), false);
  if (code === vscode.LanguageModelError.NotFound.name) return failed("unknown_model", messageOf(error), false);
  if (code === vscode.LanguageModelError.Blocked.name) return failed("rate_limited", messageOf(error), true);
  return failed("server_error", messageOf(error), true);
}

function failed(code: Extract<ModelOutcome, { kind: "failed" }>["code"], message: string, retryable: boolean): ModelOutcome {
  return { kind: "failed", code, message, retryable, usage: noUsage, costUsd: null };
}
