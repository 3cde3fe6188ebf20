// What the suites of the providers share: a request, and a provider with a real server of ours on a real socket behind it.

import { createModels } from "../../src/models/models.ts";
import type { ModelDelta, ModelMessage, ModelOutcome, ModelRequest, ModelsPort, ToolSpec } from "../../src/core/ports.ts";
import { startFakeModelServer, type FakeHandler, type FakeModelServer, type Reply } from "../support/fakeModelServer.ts";

const readFile: ToolSpec = {
  name: "filesystem__read_file",
  description: "Reads a file.",
  inputSchema: { type: "object", properties: { path: { type: "string" } } },
  access: { effect: "read", idempotent: true, timeoutMs: 1000 },
};

export function ask(model: string, more: Partial<ModelRequest> = {}): ModelRequest {
  const messages: ModelMessage[] = [{ role: "user", content: [{ type: "text", text: "Do it." }] }];
  return { model, system: "agent: typescript\nBe brief.", messages, tools: [readFile], maxTokens: 1000, ...more };
}

export let server: FakeModelServer | undefined;

export async function against(handler: FakeHandler | Reply, silenceMs = 120_000): Promise<ModelsPort> {
  server = await startFakeModelServer(typeof handler === "function" ? handler : () => handler);
  const env = { ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: server.url, OPENAI_API_KEY: "k", OPENAI_BASE_URL: `${server.url}/v1` };
  return createModels({ env, demoDir: "none", silenceMs });
}

export async function local(reply: Reply): Promise<ModelsPort> {
  await against(reply);
  return createModels({ env: { LMSTUDIO_BASE_URL: `${server!.url}/v1`, OLLAMA_HOST: server!.url }, demoDir: "none" });
}

export function call(
  models: ModelsPort,
  request: ModelRequest,
  deltas: ModelDelta[] = [],
  signal = new AbortController().signal,
): Promise<ModelOutcome> {
  return models.stream(request, (delta) => deltas.push(delta), signal);
}

/** To be called in each suite. */
export function closeServerAfterEach(): void {
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });
}
