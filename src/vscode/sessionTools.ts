// Sessions as tools of the editor's language models: start one, ask how it stands, read its answer.

import * as vscode from "vscode";
import { messageOf } from "../protocol/result.ts";
import type { Desk } from "./desk.ts";

type Tool<T> = { run(input: T): Promise<string>; confirm?(input: T): string };

export function registerSessionTools(desk: Desk): vscode.Disposable[] {
  const start: Tool<{ goal: string; workflow?: string }> = {
    confirm: ({ goal }) => vscode.l10n.t("Let the agent team work on: {0}", goal),
    run: async ({ goal, workflow }) => {
      const { sessionId } = await desk.start({ text: goal, attachments: [], ...(workflow ? { workflow } : {}) });
      return JSON.stringify({ sessionId, status: "running" });
    },
  };
  const status: Tool<{ sessionId: string }> = {
    run: async ({ sessionId }) => {
      const state = await (await desk.runtime()).engine.state(sessionId);
      return JSON.stringify(
        state
          ? { sessionId, status: state.status, steps: state.run?.plan?.map(({ id, status: step }) => ({ id, status: step })) ?? [] }
          : { sessionId, status: "not_existent" },
      );
    },
  };
  const result: Tool<{ sessionId: string }> = {
    run: async ({ sessionId }) => {
      const running = desk.running.get(sessionId);
      if (running) await running;
      const state = await (await desk.runtime()).engine.state(sessionId);
      return JSON.stringify({
        sessionId,
        status: state?.status ?? "not_existent",
        answer: state?.run?.answer ?? "",
        changes: state?.landing?.files.map((file) => file.path) ?? [],
      });
    },
  };
  return [
    register("agent-orchestrator_start_session", start),
    register("agent-orchestrator_session_status", status),
    register("agent-orchestrator_session_result", result),
  ];
}

function register<T extends object>(name: string, tool: Tool<T>): vscode.Disposable {
  return vscode.lm.registerTool<T>(name, {
    prepareInvocation: ({ input }) => {
      if (!tool.confirm) return {};
      return { confirmationMessages: { title: vscode.l10n.t("Start an agent session?"), message: tool.confirm(input) } };
    },
    async invoke({ input }) {
      try {
        return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(await tool.run(input))]);
      } catch (error) {
        return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(JSON.stringify({ error: messageOf(error) }))]);
      }
    },
  });
}
