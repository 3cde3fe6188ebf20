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

/** Who acts and is no agent. */
const others: Record<string, string> = { user: "You", orchestrator: "Orchestrator", guard: "Guard" };

export function agentName(agents: readonly { id: string; name: string }[] | undefined, id: string | undefined): string {
  return agents?.find((agent) => agent.id === id)?.name ?? others[id ?? ""] ?? id ?? "agent";
}

type SaidCall = {
  icon: IconName;
  /** What it does, as a heading: "Edit". */
  verb: string;
  /** What is being done: "editing". */
  doing: string;
  about: string;
  path?: string;
};

type CallWords = Omit<SaidCall, "about" | "path"> & { about: string[] };

const callWords: Record<string, CallWords> = {
  filesystem__read_file: { icon: "file", verb: "Read", doing: "reading", about: ["path"] },
  filesystem__list_directory: { icon: "list", verb: "List", doing: "listing", about: ["path"] },
  filesystem__find_files: { icon: "search", verb: "Find", doing: "looking for", about: ["glob"] },
  filesystem__search_text: { icon: "search", verb: "Search", doing: "searching", about: ["pattern", "path", "glob"] },
  filesystem__write_file: { icon: "edit", verb: "Write", doing: "writing", about: ["path"] },
  filesystem__edit_file: { icon: "edit", verb: "Edit", doing: "editing", about: ["path"] },
  filesystem__move: { icon: "edit", verb: "Move", doing: "moving", about: ["from", "to"] },
  filesystem__delete: { icon: "delete", verb: "Delete", doing: "deleting", about: ["path"] },
  shell__run: { icon: "terminal", verb: "Run", doing: "running", about: ["command"] },
  git__status: { icon: "changes", verb: "Look at the state of the repository", doing: "looking at the repository", about: [] },
  git__diff: { icon: "diff", verb: "Look at the differences", doing: "looking at the differences", about: ["path"] },
  git__log: { icon: "list", verb: "Read the history", doing: "reading the history", about: ["path"] },
  git__show: { icon: "file", verb: "Look at the commit", doing: "looking at the commit", about: ["rev"] },
  git__blame: { icon: "file", verb: "Look who wrote", doing: "looking who wrote", about: ["path"] },
  git__commit: { icon: "done", verb: "Commit", doing: "committing", about: ["message"] },
  web__fetch: { icon: "search", verb: "Read the page", doing: "reading a page", about: ["url"] },
  agents__submit_result: { icon: "done", verb: "Hand in the result", doing: "handing in the result", about: ["summary"] },
  agents__submit_plan: { icon: "list", verb: "Hand in the plan", doing: "handing in the plan", about: ["rationale"] },
  agents__delegate: { icon: "agents", verb: "Delegate to", doing: "waiting for", about: ["agent", "goal"] },
  agents__ask_user: { icon: "question", verb: "Ask you:", doing: "asking you:", about: ["question"] },
  agents__request_debug: { icon: "question", verb: "Ask for help:", doing: "asking for help:", about: ["problem"] },
  agents__recall: { icon: "list", verb: "Recall", doing: "recalling", about: ["find", "item"] },
  agents__report_progress: { icon: "info", verb: "Report", doing: "reporting", about: ["summary"] },
  workspace__land: { icon: "changes", verb: "Keep the changes", doing: "keeping the changes", about: [] },
};

export function sayCall(tool: string, args: unknown): SaidCall {
  const fields = typeof args === "object" && args !== null ? (args as Record<string, unknown>) : {};
  const known = callWords[tool];
  if (!known) return { icon: "tool", ...ofAnother(tool), about: brief(args) };
  const { about: names, ...words } = known;
  const about = names.map((name) => fields[name]).filter((value) => typeof value === "string" || typeof value === "number");
  const path = typeof fields["path"] === "string" && tool.startsWith("filesystem__") ? { path: fields["path"] } : {};
  return { ...words, about: about.join(" → ") || (fields["patch"] === undefined ? "" : "a patch"), ...path };
}

/** A tool that we do not know, by its name in words: `tickets__close_issue` is "close issue (tickets)". */
function ofAnother(tool: string): { verb: string; doing: string } {
  const [server = "", name = ""] = tool.split("__");
  const words = name ? `${name.replaceAll("_", " ")} (${server})` : server;
  return { verb: `Use ${words}`, doing: `using ${words}` };
}

const longestBrief = 160;

export function brief(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text === "{}" ? "" : text.slice(0, longestBrief);
}
