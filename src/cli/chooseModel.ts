// Which model when none was named: the setting, a key, then a local server. `demo` is never chosen by itself.

import type { Io } from "./command.ts";
import { CommandError } from "./usage.ts";

const byKey: [variable: string, model: string][] = [
  ["ANTHROPIC_API_KEY", "anthropic:claude-sonnet-4-5"],
  ["ANTHROPIC_AUTH_TOKEN", "anthropic:claude-sonnet-4-5"],
  ["OPENAI_API_KEY", "openai:gpt-5"],
];

const local: [provider: string, variable: string, base: string][] = [
  ["lmstudio", "LMSTUDIO_BASE_URL", "http://127.0.0.1:1234/v1"],
  ["ollama", "OLLAMA_BASE_URL", "http://127.0.0.1:11434/v1"],
];

const probeMs = 700;

export async function chooseModel({ env }: Io): Promise<string> {
  const set = env["AO_MODEL"];
  if (set) return set;
  const keyed = byKey.find(([variable]) => env[variable]);
  if (keyed) return keyed[1];
  for (const [provider, variable, base] of local) {
    const model = await firstModel(env[variable] ?? base);
    if (model !== undefined) return `${provider}:${model}`;
  }
  throw new CommandError(
    "no model to run with. Set ANTHROPIC_API_KEY or OPENAI_API_KEY, start LM Studio or Ollama, name one with --model provider:name, or try the scripted one with --model demo",
  );
}

/** A coder model if the server has one, as the people who run such servers would choose. */
async function firstModel(base: string): Promise<string | undefined> {
  try {
    const answer = await fetch(`${base}/models`, { signal: AbortSignal.timeout(probeMs) });
    const { data } = (await answer.json()) as { data?: { id: string }[] };
    return data?.find((model) => /coder|code/i.test(model.id))?.id ?? data?.[0]?.id;
  } catch {
    return undefined;
  }
}
