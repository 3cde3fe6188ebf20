// API keys: kept in the editor's secret storage, handed to the models as an environment would, shown nowhere.

import * as vscode from "vscode";

export const keyNames = { anthropic: "ANTHROPIC_API_KEY", openai: "OPENAI_API_KEY" } as const;

export async function readSecrets(context: vscode.ExtensionContext): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of Object.values(keyNames)) {
    const value = await context.secrets.get(name);
    if (value) found[name] = value;
  }
  return found;
}

/** True for a model of a provider that wants a key while none is set. */
export async function lacksKey(context: vscode.ExtensionContext, model: string): Promise<boolean> {
  const [provider = ""] = model.split(":");
  if (provider !== "anthropic" && provider !== "openai") return false;
  const name = keyNames[provider];
  return !((await readSecrets(context))[name] ?? process.env[name]);
}

/**
 * Asks for a key and keeps it; an empty answer forgets it. False when the user turned away. `model` may say whose key it is
 * about (`anthropic:…`).
 */
export async function askForKey(context: vscode.ExtensionContext, model = ""): Promise<boolean> {
  const items = [
    { label: "Anthropic", description: keyNames.anthropic, name: keyNames.anthropic },
    { label: "OpenAI", description: keyNames.openai, name: keyNames.openai },
  ];
  const title = vscode.l10n.t("Set API key");
  const meant = items.find(({ label }) => model.toLowerCase().startsWith(`${label.toLowerCase()}:`));
  const chosen = meant ?? (await vscode.window.showQuickPick(items, { title, placeHolder: vscode.l10n.t("Whose key?") }));
  if (!chosen) return false;
  const key = await vscode.window.showInputBox({
    title: vscode.l10n.t("{0} API key", chosen.label),
    prompt: vscode.l10n.t("Kept in the editor's secret storage. Leave empty to forget it."),
    password: true,
    ignoreFocusOut: true,
  });
  if (key === undefined) return false;
  if (key.trim() === "") await context.secrets.delete(chosen.name);
  else await context.secrets.store(chosen.name, key.trim());
  return true;
}
