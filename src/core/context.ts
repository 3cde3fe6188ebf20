// The one place where an agent's context is built (A7): its instructions, the project's rules, its task, and what it has
// said and seen so far. It grows by appending, so that a turn costs the same late in a conversation as early, and so
// that a provider's prompt cache holds; it is recorded by a chained hash.

import type { AgentDefinition, CheckKind, TaskResult } from "../protocol/agents.ts";
import type { ImageBlock, ImageRef, TextBlock, TraceEvent } from "../protocol/events.ts";
import { sha256Hex } from "../protocol/hash.ts";
import type { ContentHash } from "../protocol/ids.ts";
import type { TaskState } from "../protocol/state.ts";
import { addToTranscript, emptyTranscript, type Transcript, type TranscriptEntry } from "../protocol/transcript.ts";
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
  messages: ModelMessage[];
  tools: ToolSpec[];
  transcript: Transcript;
  /** Adds an event of this task: to the transcript, and what it completes to the messages. */
  take(event: TraceEvent): void;
  /** About how many characters the model will see. */
  readonly size: number;
  /** Brings the messages up to date and returns the hash of all that the model will see. */
  seal(): ContentHash;
};

const longText = 2_000;
/** About what a large image costs a model, in characters. */
const imageSize = 6_000;
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

/** The first message of an agent: its goal and what it was given. */
export async function briefOf(store: Pick<StorePort, "getArtifact">, task: TaskState, more: Section[] = []): Promise<string> {
  const input = (task.input ?? {}) as TaskInput;
  const parts = [task.goal];
  if (input.files?.length) parts.push(`Files: ${input.files.join(", ")}`);
  for (const { title, text, artifact } of [...(input.sections ?? []), ...more]) {
    const bytes = artifact && (await store.getArtifact(artifact));
    parts.push(`## ${title}\n\n${text ?? (bytes ? decodeUtf8(bytes) : "(no longer available)")}`);
  }
  return parts.join("\n\n");
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

type ContextOptions = { system: string; brief: string; images?: ImageBlock[]; tools: ToolSpec[]; history: TraceEvent[] };

export function createContext(options: ContextOptions): AgentContext {
  const transcript = emptyTranscript();
  const { images = [] } = options;
  const messages: ModelMessage[] = [{ role: "user", content: [{ type: "text", text: options.brief }, ...images] }];
  let taken = 0;
  let sealed = 0;
  const imageData = images.reduce((sum, { data }) => sum + data.length, 0);
  let size = options.system.length + JSON.stringify(options.tools).length + images.length * imageSize;
  let hash = sha256Hex(`${options.system}\n${options.tools.map((tool) => tool.name).join(",")}`);

  function update(): void {
    while (taken < transcript.entries.length && isComplete(transcript.entries[taken]!))
      messages.push(...asMessages(transcript.entries[taken++]!));
    for (; sealed < messages.length; sealed++) {
      const written = JSON.stringify(messages[sealed]);
      size += written.length - (sealed === 0 ? imageData : 0);
      hash = sha256Hex(hash + written);
    }
  }

  for (const event of options.history) addToTranscript(transcript, event);
  return {
    system: options.system,
    tools: options.tools,
    messages,
    transcript,
    get size() {
      return size;
    },
    take: (event) => addToTranscript(transcript, event),
    seal() {
      update();
      return `sha256:${hash}`;
    },
  };
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
