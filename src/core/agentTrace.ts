// Who wrote which lines, as a record in the Agent Trace format (version 0.1.0): files, the conversations that wrote in them,
// ranges of lines with their contributor, for one revision. What a conversation is there is a session here. Lines that
// no session wrote are in no range: who wrote them is not known here.

import { type CommitMade, isKnown } from "../protocol/events.ts";
import { sha256Hex } from "../protocol/hash.ts";
import type { SessionState } from "../protocol/state.ts";
import { blame, type LineOrigin } from "./blame.ts";
import { decodeUtf8 } from "./context.ts";
import { linesOf } from "./lineMatch.ts";
import type { BlamePorts } from "./lineVersions.ts";
import type { WorkspacePort } from "./workspacePort.ts";

type Contributor = { type: "ai" | "mixed"; model_id?: string };
type Range = { start_line: number; end_line: number; content_hash: string; contributor?: Contributor };
type Conversation = { url: string; contributor: Contributor; ranges: Range[]; related: { type: string; url: string }[] };

export type AgentTrace = {
  version: "0.1.0";
  id: string;
  timestamp: string;
  vcs?: { type: "git"; revision: string };
  tool: { name: "agent-orchestrator" };
  files: { path: string; conversations: Conversation[] }[];
};

type TracedFile = { /** From the root of the repository. */ path: string; lines: string[]; origins: (LineOrigin | undefined)[] };

function agentTraceOf(files: TracedFile[], { revision, timestamp }: { revision?: string; timestamp: string }): AgentTrace {
  const traced = files
    .map(({ path, lines, origins }) => ({ path, conversations: conversationsIn(lines, origins) }))
    .filter(({ conversations }) => conversations.length > 0);
  return {
    version: "0.1.0",
    id: uuidOf(JSON.stringify([revision, traced])),
    timestamp,
    ...(revision === undefined ? {} : { vcs: { type: "git", revision } }),
    tool: { name: "agent-orchestrator" },
    files: traced,
  };
}

type TracePorts = BlamePorts & { workspace: Pick<WorkspacePort, "repository"> };

/** Of the files of a commit, as it has them. */
export async function traceOfCommit(
  ports: TracePorts,
  { id, workspace }: SessionState,
  { commit, files }: CommitMade,
  timestamp: string,
): Promise<AgentTrace> {
  const prefix = (await ports.workspace.repository.head(workspace))?.prefix ?? "";
  const traced: TracedFile[] = [];
  for (const path of files) {
    const content = await ports.workspace.repository.fileAt(workspace, commit, path);
    if (content) traced.push(await tracedFile(ports, { id, workspace, prefix, path, text: decodeUtf8(content) }));
  }
  return agentTraceOf(traced, { revision: commit, timestamp });
}

/**
 * Of the files as they are now: those that are just as HEAD has them in a record for that revision, the others in one that
 * names none. `read` gives the text of a file of the workspace.
 */
export async function tracesNow(
  ports: TracePorts,
  { id, workspace }: SessionState,
  read: (path: string) => string | undefined,
  timestamp: string,
): Promise<AgentTrace[]> {
  const { repository } = ports.workspace;
  const head = await repository.head(workspace);
  const [clean, edited]: TracedFile[][] = [[], []];
  for (const path of await landedFiles(ports, id)) {
    const text = read(path);
    if (text === undefined) continue;
    const traced = await tracedFile(ports, { id, workspace, prefix: head?.prefix ?? "", path, text });
    const committed = head && (await repository.fileAt(workspace, head.commit, path));
    const isClean = committed && linesOf(decodeUtf8(committed)).join("\n") === traced.lines.join("\n");
    (isClean ? clean : edited)!.push(traced);
  }
  const records = [agentTraceOf(clean!, { timestamp, ...(head ? { revision: head.commit } : {}) }), agentTraceOf(edited!, { timestamp })];
  return records.filter(({ files }) => files.length > 0);
}

async function landedFiles({ store }: BlamePorts, id: string): Promise<string[]> {
  const events = (await store.read(id, {})).filter(isKnown);
  const files = events.flatMap(({ type, payload }) =>
    (type === "landing.done" || type === "landing.part") && payload.decision === "applied" ? payload.files : [],
  );
  return [...new Set(files)].toSorted();
}

type Traced = { id: string; workspace: string; prefix: string; path: string; text: string };

/** What one session has written in a file as it is. */
async function tracedFile(ports: BlamePorts, { id, workspace, prefix, path, text }: Traced): Promise<TracedFile> {
  const origins = await blame(ports, { workspace, path, text, exists: () => true });
  return { path: prefix + path, lines: linesOf(text), origins: origins.map((one) => (one?.sessionId === id ? one : undefined)) };
}

function conversationsIn(lines: string[], origins: (LineOrigin | undefined)[]): Conversation[] {
  const found = new Map<string, Conversation>();
  for (let start = 0; start < lines.length; start++) {
    const origin = origins[start];
    if (!origin) continue;
    let end = start;
    while (end + 1 < lines.length && isAlike(origin, origins[end + 1])) end++;
    const conversation = conversationOf(origin);
    const key = JSON.stringify([conversation.url, conversation.contributor, conversation.related]);
    const content_hash = `sha256:${sha256Hex(lines.slice(start, end + 1).join("\n"))}`;
    const edited = origin.changed ? { contributor: { ...conversation.contributor, type: "mixed" as const } } : {};
    const known = found.get(key) ?? conversation;
    known.ranges.push({ start_line: start + 1, end_line: end + 1, content_hash, ...edited });
    found.set(key, known);
    start = end;
  }
  return [...found.values()];
}

function isAlike(a: LineOrigin, b: LineOrigin | undefined): boolean {
  return b !== undefined && a.sessionId === b.sessionId && a.taskId === b.taskId && a.model === b.model && a.changed === b.changed;
}

function conversationOf({ sessionId, taskId, model, receipt }: LineOrigin): Conversation {
  const url = `agent-orchestrator:session/${encodeURIComponent(sessionId)}`;
  const related = [
    ...(taskId === undefined ? [] : [{ type: "task", url: `${url}/task/${taskId}` }]),
    ...(receipt ? [{ type: "receipt", url: `${url}/receipt/${receipt.receiptId}` }] : []),
  ];
  return { url, contributor: { type: "ai", ...(model === undefined ? {} : { model_id: modelId(model) }) }, ranges: [], related };
}

/** `provider/model`, as the format has it. */
function modelId(model: string): string {
  return (model.includes(":") ? model.replace(":", "/") : `agent-orchestrator/${model}`).slice(0, 250);
}

/** The same content gives the same id (version 8: the bits are our own). */
function uuidOf(text: string): string {
  const hex = sha256Hex(text);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
}
