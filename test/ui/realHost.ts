// The interface's real host over a real engine with the scripted model, working on a copy of the sample project in a
// folder of its own. Only what an editor would do is replaced: it is noted.

import { cpSync } from "node:fs";
import { join, resolve } from "node:path";
import type { HostFacts, ToHost } from "../../src/protocol/panel.ts";
import type { SessionConfig, TraceEvent } from "../../src/protocol/events.ts";
import type { ContentHash } from "../../src/protocol/ids.ts";
import type { Engine } from "../../src/core/engine.ts";
import type { SessionState } from "../../src/protocol/state.ts";
import { createPanelHost } from "../../src/gateways/panel/panelHost.ts";
import { demoGoal } from "../../src/runtime/demoGoal.ts";
import { beginFollowUp } from "../../src/runtime/followUp.ts";
import { createRuntime } from "../../src/runtime/runtime.ts";
import { makeTempDir } from "../support/tempDir.ts";
import type { PageHost, Post } from "./page.ts";

export type RealHost = {
  connect: (post: Post) => PageHost;
  workspace: string;
  /** What the interface asked of the editor. */
  asked: ToHost["editor"][];
  facts: HostFacts;
  /** What is mentioned is looked up once this has come to pass. */
  slowMention?: Promise<void>;
  /** While set, no page is answered. */
  silent: boolean;
  /** Puts a session on record that nobody ran. */
  record(sessionId: string, events: TraceEvent[]): Promise<void>;
  /** Keeps a content that events name by its hash. */
  keep(content: string): Promise<ContentHash>;
  /** Says something to the newest page, as the host does by itself. */
  say: Post;
  state(sessionId: string): Promise<SessionState | undefined>;
  /** As another client would. */
  dispatch: Engine["dispatch"];
  /** The sessions on record, the newest first. */
  sessions(): Promise<string[]>;
  kept(hash: ContentHash): Promise<string>;
  close(): Promise<void>;
};

export async function realHost(given: { dataDir?: string } = {}): Promise<RealHost> {
  const dir = makeTempDir("panel");
  const workspace = join(dir.path, "project");
  cpSync(resolve("agents/demo/project"), workspace, { recursive: true });
  const runtime = await createRuntime({
    env: { ...process.env, AO_DATA_DIR: given.dataDir ?? join(dir.path, "data") },
    workspace,
    attended: true,
  });
  const running = new Map<string, Promise<unknown>>();
  const facts: HostFacts = {
    product: "Agent Orchestrator",
    version: "0.1.0",
    workspaces: [{ name: "project", path: workspace }],
    trusted: true,
    models: [{ name: "demo", label: "Demo (scripted)", scripted: true, priced: true, example: await demoGoal() }],
    model: "demo",
    level: "default",
    workflow: "auto",
    workflows: runtime.registry.workflows().map(({ id, description }) => ({ id, description })),
    agents: runtime.registry.agents().map(({ id, name, description, role }) => ({ id, name, description, role })),
    editor: false,
  };
  const run = (sessionId: string, prompt?: string): void => {
    const ended = runtime.engine
      .dispatch({ type: "session.run", sessionId, ...(prompt === undefined ? {} : { prompt }) })
      .then((end) => end.ok || real.say({ type: "failed", body: { sessionId, message: end.error.message } }))
      .finally(() => running.get(sessionId) === ended && running.delete(sessionId));
    running.set(sessionId, ended);
  };
  const real: RealHost = {
    workspace,
    asked: [],
    facts,
    silent: false,
    record: (sessionId, events) => runtime.store.append(sessionId, events),
    keep: async (content) => (await runtime.store.putArtifact(content)).hash,
    say: () => undefined,
    state: (sessionId) => runtime.engine.state(sessionId),
    dispatch: (command) => runtime.engine.dispatch(command),
    sessions: async () => (await runtime.store.listSessions()).map(({ id }) => id),
    kept: async (hash) => new TextDecoder().decode(await runtime.store.getArtifact(hash)),
    connect(post) {
      real.say = post;
      const host = createPanelHost({
        engine: runtime.engine,
        store: runtime.store,
        post,
        around: {
          facts: () => Promise.resolve(facts),
          async prompt({ text, sessionId, agent, images = [], workflow = facts.workflow }) {
            if (sessionId !== undefined) {
              run(sessionId, text);
              return { sessionId };
            }
            const config = { ...standard, model: facts.model ?? standard.model, level: facts.level, workflow, ...(agent ? { agent } : {}) };
            const created = await runtime.engine.dispatch({ type: "session.create", goal: text, workspace, config, images });
            if (!created.ok) throw new Error(created.error.message);
            run(created.value.sessionId);
            return created.value;
          },
          resume: (sessionId) => Promise.resolve(run(sessionId)),
          async followUp(command) {
            const { ended } = await beginFollowUp(runtime.engine, command);
            running.set(command.sessionId, ended);
            void ended.finally(() => running.delete(command.sessionId));
          },
          isRunning: (sessionId) => running.has(sessionId),
          async mention(text) {
            await real.slowMention;
            const paths = ["README.md", "src/item.ts", "src/index.ts"].filter((path) => path.includes(text));
            return { items: paths.map((path) => ({ kind: "file" as const, label: path, path })) };
          },
          editor: (request) => Promise.resolve(void real.asked.push(request)),
          settings: (change) => Promise.resolve(void Object.assign(facts, change)),
        },
      });
      return { receive: (message) => void (real.silent || host.receive(message)), close: () => host.close() };
    },
    async close() {
      await runtime.close();
      dir.remove();
    },
  };
  return real;
}

const standard: SessionConfig = {
  model: "demo",
  models: [],
  workflow: "auto",
  agent: "coordinator",
  level: "default",
  budget: { usd: 5, tokens: 2_000_000, turns: 400, minutes: 60, depth: 4, parallel: 4 },
  apply: false,
  yesTo: [],
  ask: true,
  modelOverrides: true,
};
