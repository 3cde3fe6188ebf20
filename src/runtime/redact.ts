// Known secrets, taken out of everything that tools and models answer, before it reaches the log, a model or a screen.
// Known values only; patterns of unknown ones come with the guard.

import type { ModelsPort, ToolsPort } from "../core/ports.ts";

const secretName = /(^|_)(API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$/i;
const shortest = 8;

export type Redact = (text: string) => string;

export function createRedact(env: Record<string, string | undefined>): Redact {
  const secrets = Object.entries(env).flatMap(([name, value]) =>
    value && value.length >= shortest && secretName.test(name) ? [value] : [],
  );
  // The longest first, so that one that contains another goes as a whole.
  const known = [...new Set(secrets)].toSorted((a, b) => b.length - a.length);
  return (text) => known.reduce((rest, secret) => (rest.includes(secret) ? rest.replaceAll(secret, "«redacted»") : rest), text);
}

export function redactedTools<T extends ToolsPort>(tools: T, redact: Redact): T {
  return {
    ...tools,
    call: async (...call: Parameters<ToolsPort["call"]>) => {
      const result = await tools.call(...call);
      return { ...result, content: redact(result.content) };
    },
  };
}

export function redactedModels(models: ModelsPort, redact: Redact): ModelsPort {
  return {
    ...models,
    stream: async (...call) => {
      const outcome = await models.stream(...call);
      return outcome.kind === "failed" ? { ...outcome, message: redact(outcome.message) } : outcome;
    },
  };
}
