// The composition root: the one place that knows every layer and joins them into an engine.

import { join } from "node:path";
import { createEngine, type Engine } from "../core/engine.ts";
import type { ModelsPort, Ports, RegistryPort, StorePort } from "../core/ports.ts";
import { createInProcessPeers } from "../gateways/a2a/inProcessPeers.ts";
import { createModels } from "../models/models.ts";
import { loadRegistry } from "../registry/registry.ts";
import { createMemoryStore } from "../store/memory.ts";
import { createTools } from "../tools/tools.ts";
import { createWorkspace } from "../workspace/workspace.ts";
import { nodeClock, nodeIds } from "./nodePorts.ts";
import { bundledAgentsDir, dataDirOf } from "./places.ts";
import { openRecord } from "./record.ts";

/** How soon what another process answers reaches a session that runs here. */
const collectMs = 200;

export type RuntimeOptions = {
  env: Record<string, string | undefined>;
  /** The workspace whose own blueprints and rules count. */
  workspace?: string;
  /** Somebody can answer while a run goes on. */
  attended: boolean;
  /** `memory` keeps nothing; for tests. */
  store?: "sqlite" | "memory";
  /** Parts that a test replaces at the rim. */
  ports?: Partial<Pick<Ports, "clock" | "ids" | "models">>;
};

export type Runtime = {
  engine: Engine;
  store: StorePort;
  registry: RegistryPort;
  models: ModelsPort;
  dataDir: string;
  close(): Promise<void>;
};

export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { env } = options;
  const dataDir = dataDirOf(env);
  const bundled = bundledAgentsDir();
  const registry = await loadRegistry({
    bundledDir: bundled,
    userDir: join(dataDir, "agents"),
    ...(options.workspace ? { workspaceDir: options.workspace } : {}),
  });
  const store = options.store === "memory" ? createMemoryStore() : await openRecord(env);
  const tools = await createTools({ saveOutput: (content) => store.putArtifact(content) });
  const models = options.ports?.models ?? createModels({ env, demoDir: join(bundled, "demo") });
  const ports: Ports = {
    clock: options.ports?.clock ?? nodeClock,
    ids: options.ports?.ids ?? nodeIds,
    store,
    models,
    tools,
    workspace: createWorkspace({ dataDir }),
    registry,
    peers: createInProcessPeers(),
  };
  const engine = createEngine(ports, { attended: options.attended });
  const collecting = setInterval(() => void engine.collect(), collectMs);
  collecting.unref();
  return {
    engine,
    store,
    registry,
    models,
    dataDir,
    async close() {
      clearInterval(collecting);
      await engine.close();
      await tools.close();
      await store.close();
    },
  };
}
