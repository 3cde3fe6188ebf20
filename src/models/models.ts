// The models port: finds the provider for `provider:model` and hands the call on. Owns the names that are possible and
// what is said when one is not; each provider owns its wire.

import { fail, type Result } from "../protocol/result.ts";
import type { ModelInfo, ModelOutcome, ModelsPort } from "../core/ports.ts";
import { anthropicProvider } from "./anthropic.ts";
import { createHttpFetch } from "./httpFetch.ts";
import { chatProvider, lmstudioEndpoint, ollamaEndpoint, openaiEndpoint } from "./openaiCompatible.ts";
import type { Environment, Provider } from "./provider.ts";
import type { ScriptSource } from "./script.ts";
import { scriptedProvider } from "./scripted.ts";
import { estimateTokens, noUsage } from "./usage.ts";

type ModelsOptions = {
  env: Environment;
  /** The folder of the shipped script, which the model `demo` plays. */
  demoDir: string;
  /** Further scripted models, named `scripted:NAME`. */
  scripts?: Record<string, ScriptSource>;
  /** How long a model may send nothing at all before the call counts as timed out. */
  silenceMs?: number;
};

const defaultSilenceMs = 120_000;

export function createModels(options: ModelsOptions): ModelsPort {
  const { env, demoDir, scripts = {}, silenceMs = defaultSilenceMs } = options;
  const fetch = createHttpFetch({ silenceMs });
  const providers: Record<string, Provider> = {
    anthropic: anthropicProvider(env, fetch),
    openai: chatProvider(openaiEndpoint(env), fetch),
    lmstudio: chatProvider(lmstudioEndpoint(env), fetch),
    ollama: chatProvider(ollamaEndpoint(env), fetch),
  };
  // What reads scripts is loaded with the first of them: other sessions need neither it nor its YAML.
  const scripted: Record<string, Provider> = {
    demo: scriptedProvider("demo", async () => (await import("./demoScript.ts")).loadDemoScript(demoDir)),
  };
  for (const [name, source] of Object.entries(scripts)) {
    scripted[`scripted:${name}`] = scriptedProvider(`scripted:${name}`, async () => (await import("./script.ts")).readScript(source));
  }
  const find = (name: string): { provider: Provider; model: string } | undefined => {
    const script = Object.hasOwn(scripted, name) ? scripted[name] : undefined;
    if (script) return { provider: script, model: name };
    const [prefix = "", ...rest] = name.split(":");
    const provider = rest.length > 0 && Object.hasOwn(providers, prefix) ? providers[prefix] : undefined;
    return provider && { provider, model: rest.join(":") };
  };
  const resolve = (name: string): Result<ModelInfo> => {
    const found = find(name);
    return found ? found.provider.resolve(found.model) : unknownModel(name, Object.keys(scripted));
  };
  return {
    resolve,
    prepare(request) {
      const found = find(request.model);
      found?.provider.prepare?.(found.model, request);
    },
    async countTokens(request, signal) {
      const found = resolve(request.model).ok ? find(request.model) : undefined;
      const counted = await found?.provider.countTokens?.(found.model, request, signal).catch(() => undefined);
      return counted ?? estimateTokens(JSON.stringify([request.system, request.messages, request.tools]).length);
    },
    async stream(request, onDelta, signal) {
      if (signal.aborted) return { kind: "cancelled", usage: noUsage(), costUsd: 0 };
      const usable = resolve(request.model);
      const found = find(request.model);
      if (!usable.ok || !found) return unusable(usable.ok ? "no such model" : usable.error.message, found !== undefined);
      return found.provider.stream(found.model, request, onDelta, signal);
    },
  };
}

function unknownModel(name: string, scripted: string[]): Result<ModelInfo> {
  const possible = ["anthropic:MODEL", "openai:MODEL", "lmstudio:MODEL", "ollama:MODEL", ...scripted];
  return fail("no_model", `There is no model "${name}"; possible are ${possible.slice(0, -1).join(", ")} and ${possible.at(-1) ?? ""}.`);
}

function unusable(message: string, known: boolean): ModelOutcome {
  return { kind: "failed", code: known ? "no_key" : "unknown_model", message, retryable: false, usage: noUsage(), costUsd: 0 };
}
