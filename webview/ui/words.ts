// How things are said: a word and an icon per status, short figures, one line per tool call. Everything here is text for a
// person; nothing is decided by it.

import type { SessionStatus, StepState } from "../../src/protocol/state.ts";
import type { TaskStatus } from "../../src/protocol/agents.ts";
import type { IconName } from "./icons.ts";

export type Said = { icon: IconName; word: string };

const statuses: Record<TaskStatus | SessionStatus | StepState["status"] | "interrupted", Said> = {
  created: { icon: "pending", word: "New" },
  pending: { icon: "pending", word: "Pending" },
  running: { icon: "running", word: "Running" },
  blocked: { icon: "blocked", word: "Waiting" },
  waiting: { icon: "blocked", word: "Waiting" },
  done: { icon: "done", word: "Done" },
  failed: { icon: "failed", word: "Failed" },
  cancelled: { icon: "cancelled", word: "Cancelled" },
  interrupted: { icon: "blocked", word: "Interrupted" },
  skipped: { icon: "skipped", word: "Skipped" },
};

export function sayStatus(status: string): Said {
  return Object.hasOwn(statuses, status) ? statuses[status as TaskStatus] : { icon: "info", word: status };
}

export function sayTokens(tokens: number): string {
  if (tokens < 1_000) return String(tokens);
  if (tokens < 999_500) return `${(tokens / 1_000).toFixed(tokens < 10_000 ? 1 : 0)}k`;
  return `${(tokens / 1_000_000).toFixed(1)}M`;
}

export function sayCost(usd: number, unknown: boolean): string {
  if (unknown) return usd > 0 ? `≥ $${money(usd)}` : "cost unknown";
  return `$${money(usd)}`;
}

function money(usd: number): string {
  if (usd === 0) return "0";
  return usd < 0.01 ? usd.toFixed(4) : usd.toFixed(2);
}

export function sayDuration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "today 14:05", else the date: enough to find a session again. */
export function sayMoment(iso: string): string {
  const date = new Date(iso);
  const time = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? `today ${time}` : `${date.toLocaleDateString([], { month: "short", day: "numeric" })} ${time}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

export function agentName(agents: readonly { id: string; name: string }[] | undefined, id: string | undefined): string {
  return agents?.find((agent) => agent.id === id)?.name ?? id ?? "agent";
}

type SaidCall = { icon: IconName; verb: string; about: string; path?: string };

const callWords: Record<string, { icon: IconName; verb: string; about: string[] }> = {
  filesystem__read_file: { icon: "file", verb: "Read", about: ["path"] },
  filesystem__list_directory: { icon: "list", verb: "List", about: ["path"] },
  filesystem__find_files: { icon: "search", verb: "Find", about: ["glob"] },
  filesystem__search_text: { icon: "search", verb: "Search", about: ["pattern", "path", "glob"] },
  filesystem__write_file: { icon: "edit", verb: "Write", about: ["path"] },
  filesystem__edit_file: { icon: "edit", verb: "Edit", about: ["path"] },
  filesystem__move: { icon: "edit", verb: "Move", about: ["from", "to"] },
  filesystem__delete: { icon: "delete", verb: "Delete", about: ["path"] },
  shell__run: { icon: "terminal", verb: "Run", about: ["command"] },
  agents__submit_result: { icon: "done", verb: "Hand in the result", about: ["summary"] },
  agents__submit_plan: { icon: "list", verb: "Hand in the plan", about: ["rationale"] },
  workspace__land: { icon: "changes", verb: "Keep the changes", about: [] },
};

export function sayCall(tool: string, args: unknown): SaidCall {
  const known = callWords[tool];
  const fields = typeof args === "object" && args !== null ? (args as Record<string, unknown>) : {};
  if (!known) return { icon: "tool", verb: tool.replace("__", " · "), about: brief(args) };
  const about = known.about.map((name) => fields[name]).filter((value) => typeof value === "string");
  const path = typeof fields["path"] === "string" && tool.startsWith("filesystem__") ? { path: fields["path"] } : {};
  return { icon: known.icon, verb: known.verb, about: about.join(" → ") || (fields["patch"] === undefined ? "" : "a patch"), ...path };
}

const longestBrief = 160;

export function brief(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text === "{}" ? "" : text.slice(0, longestBrief);
}
