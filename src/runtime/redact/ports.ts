// Where secrets are taken out: of what tools and models answer, of what is kept, and (by core, with `recorded`) of all
// that is written to the log. What streams past the log goes through a stream of its own.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Engine } from "../../core/engine.ts";
import type { CallScope, ModelDelta, ModelOutcome, ModelsPort, StorePort, ToolsPort } from "../../core/ports.ts";
import type { WorkspacePort } from "../../core/workspacePort.ts";
import type { CallResult } from "../../protocol/events.ts";
import { sign } from "./patterns.ts";
import type { Redact } from "./redact.ts";

export function redactedTools<T extends ToolsPort>(tools: T, redact: Redact): T {
  return {
    ...tools,
    call: async (tool, args, scope, signal) => {
      if (await wouldSpoil(tool, args, scope)) return spoils;
      const words = redact.stream((text) => scope.onOutput?.(text));
      const result = await tools.call(tool, args, scope.onOutput ? { ...scope, onOutput: (text) => words.push(text) } : scope, signal);
      words.end();
      return redact.value(result);
    },
  };
}

const writers = new Set(["filesystem__write_file", "filesystem__edit_file"]);
const spoils: CallResult = {
  ok: false,
  code: "redacted",
  content:
    "Not written: the text holds the sign «redacted…», which stands for a secret that you were not shown, and would take its place in the file. Leave such lines as they are: edit the lines around them.",
};

/** An agent that writes back what it was shown would put our sign in the place of a secret. Where the sign is text of the file itself, it may stay. */
async function wouldSpoil(tool: string, args: unknown, { root }: CallScope): Promise<boolean> {
  if (!writers.has(tool)) return false;
  const { path, old: _old, ...written } = (args ?? {}) as Record<string, unknown>;
  if (!JSON.stringify(written).includes(sign)) return false;
  const present = typeof path === "string" ? await readFile(resolve(root, path), "utf8").catch(() => "") : "";
  return !present.includes(sign);
}

export function redactedModels(models: ModelsPort, redact: Redact): ModelsPort {
  return {
    ...models,
    stream: async (request, onDelta, signal) => {
      const words = redact.stream((text) => onDelta({ kind: "text", text }));
      const pass = (delta: ModelDelta): void => {
        if (delta.kind === "text") return words.push(delta.text);
        words.end();
        onDelta(delta);
      };
      const outcome = await models.stream(request, pass, signal);
      words.end();
      return withoutSecrets(outcome, redact);
    },
  };
}

/** Before anything is decided or recorded, so that what is shown and approved is what runs (A9). */
function withoutSecrets(outcome: ModelOutcome, redact: Redact): ModelOutcome {
  if (outcome.kind === "cancelled") return outcome;
  if (outcome.kind === "failed") return { ...outcome, message: redact.text(outcome.message) };
  return { ...outcome, content: redact.value(outcome.content), calls: redact.value(outcome.calls) };
}

export function redactedStore(store: StorePort, redact: Redact): StorePort {
  return {
    ...store,
    putArtifact: (content) => store.putArtifact(typeof content === "string" && !isBinary(content) ? redact.text(content) : content),
    post: (sessionId, command) => store.post(sessionId, redact.known(command)),
  };
}

/** An image in base64, and the like: one word without an end. */
function isBinary(content: string): boolean {
  return content.length > 4_000 && /^[A-Za-z0-9+/]*={0,2}$/.test(content);
}

/** What agents are told of the project besides what they read by tools. */
export function redactedWorkspace(workspace: WorkspacePort, redact: Redact): WorkspacePort {
  return { ...workspace, rules: async (root) => redact.value(await workspace.rules(root)) };
}

export function redactedEngine(engine: Engine, redact: Redact): Engine {
  return { ...engine, dispatch: async (command) => redact.value(await engine.dispatch(command)) };
}
