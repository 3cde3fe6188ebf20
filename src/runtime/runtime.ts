// The composition root: the one place that knows every layer and joins them into an engine.

import { join } from "node:path";
import { createEngine, type Engine } from "../core/engine.ts";
import type { GrantsPort, ModelsPort, PolicyPort, Ports, RegistryPort, StorePort } from "../core/ports.ts";
import type { WorkspacePort } from "../core/workspacePort.ts";
import type { SandboxPort, SandboxStatus, SandboxWish } from "../core/sandboxPort.ts";
import type { Result } from "../protocol/result.ts";
import type { SessionState } from "../protocol/state.ts";
import { createLatePeers } from "../gateways/a2a/latePeers.ts";
import { createModels } from "../models/models.ts";
import { loadPolicy } from "../registry/policies.ts";
import { loadRegistry } from "../registry/registry.ts";
import { createMemoryStore } from "../store/memory.ts";
import type { EditorPort } from "../tools/ide/editorPort.ts";
import type { ServerDefinition } from "../tools/mcp/definitions.ts";
import { type ServerReport, withServers } from "../tools/mcp/externalTools.ts";
import { createTools, type Tools, type ToolsOptions } from "../tools/tools.ts";
import { createWorkspace } from "../workspace/workspace.ts";
import type { Imported } from "./bundle/importSession.ts";
import { withExternalTools } from "./externalAgents.ts";
import { nodeClock, nodeIds } from "./nodePorts.ts";
import { bundledAgentsDir, dataDirOf } from "./places.ts";
import { policyPlaces } from "./policy.ts";
import { openGrants, openRecord } from "./record.ts";
import { secretsIn } from "./redact/known.ts";
import { redactedEngine, redactedModels, redactedStore, redactedTools, redactedWorkspace } from "./redact/ports.ts";
import { createRedact, type Redact } from "./redact/redact.ts";
import { openSandbox, sandboxUnder, sandboxWish } from "./sandbox.ts";
import { keepTidy } from "./tidiness.ts";
import { keepingUnsaved, type Unsaved } from "./unsaved.ts";

/** How soon what another process answers reaches a session that runs here. */
const collectMs = 200;

export type RuntimeOptions = {
  env: Record<string, string | undefined>;
  /** The workspace whose own blueprints and rules count. */
  workspace?: string;
  /** Somebody can answer while a run goes on. */
  attended: boolean;
  /** Told what the person should know of how the record was opened. */
  say?: (line: string) => void;
  /** `memory` keeps nothing; for tests. */
  store?: "sqlite" | "memory";
  /** Puts further models beside our own, as an editor does with its own. */
  moreModels?: (own: ModelsPort) => ModelsPort;
  /** What the `ide` tools ask; without it they are not offered. */
  editor?: EditorPort;
  /** Nothing is written over what an editor has not saved. */
  unsaved?: Unsaved;
  /** MCP servers that the user has set up, or accepted. */
  servers?: ServerDefinition[];
  /** Where commands run, as far as it is not as usual. */
  sandbox?: SandboxWish;
  /** Parts that a test replaces at the rim. */
  ports?: Partial<Pick<Ports, "clock" | "ids" | "models">>;
};

export type Runtime = {
  engine: Engine;
  store: StorePort;
  registry: RegistryPort;
  models: ModelsPort;
  /** Approvals that hold beyond their session. */
  grants: Pick<GrantsPort, "list" | "revoke">;
  dataDir: string;
  /** The text of one file in a snapshot of a session. */
  fileAt(workspace: string, commit: string, path: string): Promise<string | undefined>;
  /** How many hunks each file of a proposed result has. */
  hunks(state: SessionState): Promise<Map<string, number>>;
  /** Takes a session in out of a file; with a folder it can go on here. */
  importSession(file: string, workspace?: string): Promise<Result<Imported>>;
  /** What a call that waits for an approval would do to files. */
  preview: Tools["preview"];
  /** The policy that holds in a workspace, as its files are now. */
  policy: PolicyPort["load"];
  /** Names of our own tools; no server is started for it. */
  toolNames(): Promise<string[]>;
  /** The external MCP servers as far as they were wanted. */
  servers(): ServerReport[];
  /** Where commands run here; tried when it is first wanted. */
  sandbox: () => Promise<SandboxStatus>;
  close(): Promise<void>;
};

export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { env } = options;
  const dataDir = dataDirOf(env);
  const bundled = bundledAgentsDir();
  const [record, known] = await Promise.all([
    options.store === "memory" ? createMemoryStore() : openRecord(env, options.say),
    loadRegistry({
      bundledDir: bundled,
      userDir: join(dataDir, "agents"),
      ...(options.workspace ? { workspaceDir: options.workspace } : {}),
    }),
  ]);
  const redact = redactFor(options);
  const store = redactedStore(record, redact);
  const sandbox = openSandbox(env, options.sandbox);
  // Servers serve all sessions: what the files say of where they run is asked when they start.
  const box = sandboxUnder(sandbox, () => sandboxWish(env, options.workspace));
  const kept: Kept = { sandbox, saveOutput: (content) => record.putArtifact(content), clean: redact.text };
  const { own, tools } = await openTools(options, kept, box);
  const registry = withExternalTools(known, options.servers ?? []);
  const models = modelsFor(options, bundled, redact);
  const ports: Ports = {
    clock: options.ports?.clock ?? nodeClock,
    ids: options.ports?.ids ?? nodeIds,
    store,
    models,
    tools: redactedTools(tools, redact),
    workspace: redactedWorkspace(workspaceFor(dataDir, options.unsaved), redact),
    registry,
    peers: createLatePeers(),
    grants: openGrants(env),
    policy: { load: (workspace) => loadPolicy(policyPlaces(env), options.workspace === undefined ? undefined : workspace) },
    redact: redact.value,
    sandbox,
  };
  const engine = redactedEngine(createEngine(ports, { attended: options.attended }), redact);
  const endChores = chores(engine, dataDir, options.store === "memory" ? undefined : record);
  return {
    engine,
    store,
    registry,
    models,
    grants: ports.grants,
    dataDir,
    policy: ports.policy.load,
    ...readings(ports.workspace),
    importSession: async (file, workspace) =>
      (await import("./bundle/importSession.ts")).importSession({ ports, dataDir }, file, workspace),
    preview: (tool, args, root) => tools.preview(tool, args, root),
    toolNames: async () => (await own.list()).map(({ name }) => name),
    servers: () => tools.servers(),
    sandbox: () => box.status(),
    async close() {
      endChores();
      await engine.close();
      await tools.close();
      await sandbox.close();
      await store.close();
    },
  };
}

/** What goes on beside the work; answers what ends it. What is kept in memory alone knows of no other session. */
function chores(engine: Engine, dataDir: string, record: StorePort | undefined): () => void {
  const collecting = setInterval(() => void engine.collect(), collectMs).unref();
  const stopTidying = record && keepTidy(dataDir, record);
  return () => {
    clearInterval(collecting);
    stopTidying?.();
  };
}

type Kept = Required<Pick<ToolsOptions, "sandbox" | "saveOutput" | "clean">>;

async function openTools({ editor, servers = [] }: RuntimeOptions, kept: Kept, sandbox: SandboxPort) {
  const own = await createTools({ ...kept, ...(editor ? { editor } : {}) });
  return { own, tools: withServers(own, servers, { ...kept, sandbox }) };
}

/** What is secret: the environment's, and what servers are given. */
function redactFor({ env, servers = [] }: RuntimeOptions): Redact {
  const given = servers.flatMap(({ reach }) => secretsIn(reach.kind === "http" ? reach.headers : reach.env));
  return createRedact([...secretsIn(env), ...given]);
}

function modelsFor({ env, ports, moreModels }: RuntimeOptions, bundled: string, redact: Redact): ModelsPort {
  const own = ports?.models ?? createModels({ env, demoDir: join(bundled, "demo") });
  return redactedModels(moreModels?.(own) ?? own, redact);
}

function workspaceFor(dataDir: string, unsaved: Unsaved | undefined): WorkspacePort {
  const workspace = createWorkspace({ dataDir });
  return unsaved ? keepingUnsaved(workspace, unsaved) : workspace;
}

/** What is read of snapshots. */
function readings(workspace: WorkspacePort): Pick<Runtime, "fileAt" | "hunks"> {
  return {
    fileAt: async (folder, commit, path) => {
      const content = await workspace.fileAt(folder, commit, path);
      return content && new TextDecoder().decode(content);
    },
    hunks: async ({ id, workspace: folder, landing }) => {
      const counts = landing?.base === undefined ? [] : await workspace.hunks(id, folder, landing.base, landing.commit);
      return new Map(counts.map(({ path, hunks }) => [path, hunks]));
    },
  };
}
