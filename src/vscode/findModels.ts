// The models that can be used here, found when somebody asks: the editor's own, those with a key, local servers.
// `demo` stands last and is never chosen by itself.

import * as vscode from "vscode";
import type { ModelChoice } from "../protocol/panel.ts";
import type { Desk } from "./desk.ts";
import { readSecrets } from "./secrets.ts";

const keyed = [
  { key: "ANTHROPIC_API_KEY", name: "anthropic:claude-sonnet-4-5", label: "Claude Sonnet 4.5" },
  { key: "OPENAI_API_KEY", name: "openai:gpt-5", label: "GPT-5" },
];

const local = [
  { provider: "lmstudio", label: "LM Studio", base: process.env["LMSTUDIO_BASE_URL"] ?? "http://127.0.0.1:1234/v1" },
  { provider: "ollama", label: "Ollama", base: process.env["OLLAMA_BASE_URL"] ?? "http://127.0.0.1:11434/v1" },
];

const probeMs = 500;

export async function findModels({ context }: Pick<Desk, "context">): Promise<ModelChoice[]> {
  const secrets = await readSecrets(context);
  const editors = await vscode.lm.selectChatModels().then(
    (models) => models,
    () => [],
  );
  const served = await Promise.all(local.map(({ provider, label, base }) => modelsAt(provider, label, base)));
  return [
    ...editors.map((model) => ({ name: `vscode:${model.id}`, label: model.name, scripted: false, priced: false })),
    ...keyed
      .filter(({ key }) => secrets[key] ?? process.env[key])
      .map(({ name, label }) => ({ name, label, scripted: false, priced: true })),
    ...served.flat(),
  ];
}

export const demoModel: ModelChoice = { name: "demo", label: "Demo (scripted, no real model)", scripted: true, priced: true };

async function modelsAt(provider: string, label: string, base: string): Promise<ModelChoice[]> {
  try {
    const answer = await fetch(`${base}/models`, { signal: AbortSignal.timeout(probeMs) });
    const { data } = (await answer.json()) as { data?: { id: string }[] };
    return (data ?? []).map(({ id }) => ({ name: `${provider}:${id}`, label: `${id} (${label})`, scripted: false, priced: true }));
  } catch {
    return [];
  }
}
