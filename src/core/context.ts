// The one place where an agent's context is built (A7): its instructions, the project's rules, its task, and what it has
// said and seen so far. It grows by appending, so that a turn costs the same late in a conversation as early, and so
// that a provider's prompt cache holds; only a compaction builds it anew. It is recorded by a chained hash.

import type { AgentDefinition, CheckKind, TaskResult } from "../protocol/agents.ts";
import type { CallResult, ImageBlock, ImageRef, KnownEvent, TextBlock, TraceEvent } from "../protocol/events.ts";
import { isKnown } from "../protocol/events.ts";
import { sha256Hex } from "../protocol/hash.ts";
import type { ContentHash, TurnId } from "../protocol/ids.ts";
import { shortenedText } from "../protocol/ledger.ts";
import { unreachable } from "../protocol/result.ts";
import { type TaskState, totalTokens } from "../protocol/state.ts";
import { addToTranscript, emptyTranscript, textOf, type Transcript, type TranscriptEntry } from "../protocol/transcript.ts";
import { type Account, createAccount, estimateTokens } from "./contextWindow.ts";
import type { ModelMessage, StorePort, ToolSpec } from "./ports.ts";

/** A titled piece of a task's input. Long texts are kept as artifacts and named by hash. */
export type Section = { title: string; text?: string; artifact?: ContentHash };

/** What a task is given besides its goal. */
export type TaskInput = {
  type?: string;
  language?: string;
  files?: string[];
  sections?: Section[];
  /** The commands that count as this project's checks, before any agent wrote. */
  checks?: string[];
  /** Those of them that have to pass, where the task is to run them. */
  required?: CheckKind[];
  /** Files that the work under judgement changed. */
  changed?: string[];
};

export type AgentContext = {
  system: string;
  /** The same array as long as it only grows. */
  readonly messages: ModelMessage[];
  /** How many of them the next compaction leaves as they are; 0 before the first one. */
  readonly steady: number;
  tools: ToolSpec[];
  transcript: Transcript;
  /** Adds an event of this task: to the transcript, and what it completes to the messages. */
  take(event: TraceEvent): void;
  /** Of all that the model will see. */
  readonly account: Account;
  /** The messages without those of entries after `seq`. */
  upTo(seq: number): ModelMessage[];
  /** Brings the messages up to date and returns the hash of all that the model will see. */
  seal(): ContentHash;
};

const longText = 2_000;
/** About what a large image costs a model, in tokens. */
const imageTokens = 1_500;
const withoutImages = new Set(["review", "test", "document"]);

export async function section(store: Pick<StorePort, "putArtifact">, title: string, text: string): Promise<Section> {
  if (text.length <= longText) return { title, text };
  return { title, artifact: (await store.putArtifact(text)).hash };
}

export function systemPrompt(agent: AgentDefinition, rules: string | undefined): string {
  const parts = [`agent: ${agent.id}`, agent.instructions.trim()];
  if (rules) parts.push(`# Rules of this project\n\n${rules.trim()}`);
  return parts.join("\n\n");
}

/**
 * The first message of an agent: its goal and what it was given. What it was given takes at most about `room` tokens: then
 * the longest sections are cut, and the whole can be recalled.
 */
export async function briefOf(
  store: Pick<StorePort, "getArtifact">,
  task: TaskState,
  more: Section[] = [],
  room = Infinity,
): Promise<string> {
  const input = (task.input ?? {}) as TaskInput;
  const sections: { title: string; body: string }[] = [];
  for (const { title, text, artifact } of [...(input.sections ?? []), ...more]) {
    const bytes = artifact && (await store.getArtifact(artifact));
    sections.push({ title, body: text ?? (bytes ? decodeUtf8(bytes) : "(no longer available)") });
  }
  const given = cutToFit(sections, room).map(({ title, body }) => `## ${title}\n\n${body}`);
  const files = input.files?.length ? [`Files: ${input.files.join(", ")}`] : [];
  return [task.goal, ...files, ...given].join("\n\n");
}

/** The longest give way first, down to the length at which all fit. */
function cutToFit<S extends { body: string }>(sections: S[], room: number): S[] {
  const sizes = sections.map(({ body }) => estimateTokens(body));
  let left = room;
  let most = Infinity;
  for (const [i, size] of sizes.toSorted((a, b) => a - b).entries()) {
    const share = left / (sizes.length - i);
    if (size > share) {
      most = share;
      break;
    }
    left -= size;
  }
  return sections.map((section, i) => {
    if (sizes[i]! <= most) return section;
    const { body } = section;
    const end = Math.floor((body.length * most) / sizes[i]!);
    const cut = `[… ${body.length - end} more characters are left out for their length; agents__recall {"item": 0} shows the whole task …]`;
    return { ...section, body: `${body.slice(0, end)}\n${cut}` };
  });
}

/** What the user attached, for the agents that make something of it. */
export async function imagesFor(store: Pick<StorePort, "getArtifact">, task: TaskState, attached: ImageRef[] = []): Promise<ImageBlock[]> {
  const { type = "" } = (task.input ?? {}) as TaskInput;
  if (withoutImages.has(type)) return [];
  const images = await Promise.all(
    attached.map(async ({ artifact, mediaType }) => {
      const bytes = await store.getArtifact(artifact);
      return bytes && { type: "image" as const, mediaType, data: decodeUtf8(bytes) };
    }),
  );
  return images.filter((image) => image !== undefined);
}

type ContextOptions = {
  system: string;
  /** Of which these are the project's rules. */
  rules?: string | undefined;
  brief: string;
  images?: ImageBlock[];
  tools: ToolSpec[];
  history: TraceEvent[];
};

export function createContext(options: ContextOptions): AgentContext {
  const { system, tools, images = [] } = options;
  const transcript = emptyTranscript();
  const brief: UserMessage = { role: "user", content: [{ type: "text", text: options.brief }, ...images] };
  const account = accountOf(options);
  const start = sha256Hex(`${system}\n${tools.map((tool) => tool.name).join(",")}`);
  let messages: ModelMessage[] = [brief];
  let steady = 0;
  let hash = start;
  let taken = 0;
  let sealed = 0;
  let compactions = 0;

  function update(): void {
    if (compactions !== transcript.compactions) {
      compactions = transcript.compactions;
      messages = [brief, ...standIn(transcript)];
      steady = messages.length;
      hash = start;
      taken = sealed = 0;
      account.restart();
    }
    while (taken < transcript.entries.length && isComplete(transcript.entries[taken]!)) {
      const entry = transcript.entries[taken++]!;
      messages.push(...asMessages(entry));
      if (entry.seq <= transcript.compactedTo) steady = messages.length;
    }
    for (; sealed < messages.length; sealed++) {
      const message = messages[sealed]!;
      account.add(...sizeOf(message, sealed === 0));
      hash = sha256Hex(hash + JSON.stringify(message));
    }
  }

  const listen = listenTo(account, update);
  const take = (event: TraceEvent): void => {
    addToTranscript(transcript, event);
    if (isKnown(event)) listen(event);
  };
  for (const event of options.history) take(event);
  return {
    system,
    tools,
    transcript,
    take,
    get messages() {
      return messages;
    },
    get steady() {
      return steady;
    },
    get account() {
      update();
      return account;
    },
    upTo: (seq) => [brief, ...standIn(transcript), ...transcript.entries.filter((entry) => entry.seq <= seq).flatMap(asMessages)],
    seal() {
      update();
      return `sha256:${hash}`;
    },
  };
}

function accountOf({ system, rules = "", tools }: ContextOptions): Account {
  const ofRules = estimateTokens(rules);
  const instructions = estimateTokens(system) - ofRules;
  return createAccount({ instructions, rules: ofRules, tools: estimateTokens(JSON.stringify(tools)) });
}

/** Hears what providers say of an agent's requests, as long as that is the size of a single one. */
function listenTo(account: Account, update: () => void): (event: KnownEvent) => void {
  let newest: TurnId | undefined;
  return ({ type, payload }) => {
    if (type === "turn.started" && !payload.purpose) {
      update();
      account.asked();
      newest = payload.turnId;
    } else if (type === "turn.retried") newest = undefined;
    else if (type === "turn.ended" && payload.turnId === newest) {
      const { error, usage } = payload;
      if (error?.code === "too_long") account.refused(payload.model);
      else if (totalTokens(usage) > 0) account.told(usage);
    }
  };
}

type UserMessage = Extract<ModelMessage, { role: "user" }>;

/** In the place of what was summed up. */
function standIn({ shortened, items }: Transcript): ModelMessage[] {
  return shortened ? [{ role: "user", content: text(shortenedText(shortened, items)) }] : [];
}

function sizeOf(message: ModelMessage, isBrief: boolean): ["brief" | "conversation" | "results", number] {
  switch (message.role) {
    case "user": {
      const images = message.content.filter(({ type }) => type === "image").length;
      return [isBrief ? "brief" : "conversation", estimateTokens(textOf(message.content)) + images * imageTokens];
    }
    case "assistant":
      return ["conversation", estimateTokens(JSON.stringify(message.content) + JSON.stringify(message.calls))];
    case "results":
      return ["results", message.results.reduce((sum, { result }) => sum + resultTokens(result), 0)];
    default:
      return unreachable(message);
  }
}

const resultSizes = new WeakMap<CallResult, number>();
/** Its frame in a request. */
const perResult = 20;

export function resultTokens(result: CallResult): number {
  const known = resultSizes.get(result) ?? estimateTokens(result.content) + perResult;
  resultSizes.set(result, known);
  return known;
}

/** An assistant's entry can be sent once each of its calls has a result. */
function isComplete(entry: TranscriptEntry): boolean {
  return entry.role === "user" || entry.calls.every((call) => call.result !== undefined);
}

function asMessages(entry: TranscriptEntry): ModelMessage[] {
  if (entry.role === "user") return [{ role: "user", content: entry.content }];
  const calls = entry.calls.map(({ callId, tool, arguments: args }) => ({ callId, tool, arguments: args }));
  const said: ModelMessage[] = entry.content.length > 0 || calls.length > 0 ? [{ role: "assistant", content: entry.content, calls }] : [];
  const results = entry.calls.map(({ callId, tool, result }) => ({ callId, tool, result: result! }));
  return results.length > 0 ? [...said, { role: "results", results }] : said;
}

export function text(value: string): TextBlock[] {
  return [{ type: "text", text: value }];
}

/** How one agent's outcome reads in another's context. */
export function describeResult(result: TaskResult): string {
  const lines = [`status: ${result.status}`];
  if (result.score !== undefined) lines.push(`score: ${result.score.toFixed(2)}`);
  if (result.files?.length) lines.push(`files: ${result.files.join(", ")}`);
  lines.push(result.summary);
  for (const finding of result.findings ?? []) {
    const place = finding.file === undefined ? "" : ` ${finding.file}${finding.line === undefined ? "" : `:${finding.line}`}`;
    lines.push(`- [${finding.severity}]${place} ${finding.message}`);
  }
  return lines.join("\n");
}

/** UTF-8 without TextDecoder, which a workflow sandbox lacks. Broken sequences become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  let out = "";
  for (let i = 0; i < bytes.length;) {
    const first = bytes[i]!;
    const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
    let code = length === 1 ? first : first & (0x7f >> length);
    let good = length > 0 && i + length <= bytes.length;
    for (let k = 1; good && k < length; k++) {
      good = (bytes[i + k]! & 0xc0) === 0x80;
      code = (code << 6) | (bytes[i + k]! & 0x3f);
    }
    out += good && code <= 0x10ffff ? String.fromCodePoint(code) : "\uFFFD";
    i += good ? length : 1;
  }
  return out;
}
