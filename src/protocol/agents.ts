// The words for agents and their work: blueprint, task, plan, workflow, result.
// The seed's field names stand as they are; what the product adds is marked optional or follows after them.

import type { ContentHash, SessionId, TaskId } from "./ids.ts";

export const levels = ["default", "assisted", "bypass"] as const;
export type Level = (typeof levels)[number];

/** One policy rule. `effect` decides; the rest says what it covers. */
export type Permission = {
  effect: "allow" | "ask" | "deny";
  id?: string;
  /** A server, or a glob over `server__tool`. */
  tool: string;
  path?: string[];
  command?: string[];
  host?: string[];
  reason?: string;
};

export type Limits = { turns?: number; minutes?: number; usd?: number; tokens?: number };

/** How a specialist hands its work on: to one sub-agent chosen by a word, or to all of them at once. */
export type Routing = { to: "one"; by: "language" | "focus"; fallback: string } | { to: "all" };

export type AgentDefinition = {
  id: string;
  name: string;
  role: string;
  model: string;
  instructions: string;
  tools: string[];
  permissions: Permission[];
  memoryScope: "none" | "session" | "project" | "global";
  description: string;
  skills: string[];
  subAgents: string[];
  mcp_servers?: Record<string, unknown>;
  temperature?: number;
  max_tokens?: number;
  type?: "builtin" | "acp" | "a2a";
  limits?: Limits;
  isolation?: "worktree" | "container" | "shared";
  enabled?: boolean;
  /** Present on specialists whose work goes to sub-agents: they make no model turn of their own. */
  routing?: Routing;
  /** Runs the project's own checks by code and keeps the receipts; its sub-agents write the tests. */
  runsChecks?: boolean;
  /** Words by which a specialist's routing finds this agent (`typescript`, `tsx`, `readme`, …). */
  answersTo?: string[];
  /** Where the definition was read. */
  source?: "bundled" | "user" | "workspace";
  file?: string;
};

export const taskStatuses = ["pending", "running", "blocked", "done", "failed", "cancelled"] as const;
export type TaskStatus = (typeof taskStatuses)[number];

export type Artifact = { hash: ContentHash; kind: "patch" | "log" | "report" | "output"; name: string; bytes: number };

export type Finding = { severity: "info" | "low" | "medium" | "high" | "critical"; file?: string; line?: number; message: string };

/** What an agent hands in (`agents__submit_result`), and what a task ends with. */
export const checkKinds = ["test", "build", "lint"] as const;
/** What the project's own checks are about. */
export type CheckKind = (typeof checkKinds)[number];

export type TaskResult = {
  status: "done" | "failed" | "blocked" | "cancelled";
  summary: string;
  /** The checks that it says pass; without a receipt of the runner that is worth nothing (A11). */
  claims?: CheckKind[];
  files?: string[];
  score?: number;
  findings?: Finding[];
  data?: unknown;
};

export type Task = {
  id: TaskId;
  parentId?: TaskId;
  sessionId: SessionId;
  assignedAgent?: string;
  goal: string;
  status: TaskStatus;
  input: unknown;
  output?: TaskResult;
  artifacts?: Artifact[];
  createdAt: string;
  updatedAt: string;
};

/** One step of a plan. `type` picks the specialist unless `agent` names one. */
export type PlanStep = {
  id: string;
  type: string;
  goal: string;
  language?: string;
  agent?: string;
  model?: string;
  dependsOn?: string[];
  files?: string[];
  /** The step whose work a review, fix or re-test is about. */
  about?: string;
  /** The step whose outcome this one replaces (a re-test after a fix). */
  supersedes?: string;
  /** How often the work of `about` has been sent back before. */
  round?: number;
  /** What code that made the plan gives its agent besides the goal. A test that has it runs the checks and writes none. */
  given?: { title: string; text?: string; artifact?: ContentHash }[];
  /** Work of this step is kept apart and offered to a later step instead of being merged. */
  candidate?: boolean;
};

/** A workflow is data: either fixed steps, or an agent that plans them, and the rules that hold around them. */
export type Workflow = {
  id: string;
  description: string;
  /** The agent that fills in the plan. Absent: `steps` are the plan. */
  planner?: string;
  /** Extra guidance handed to the planner. */
  guidance?: string;
  /** Answer questions and make small edits with one agent, without plan or reviewers. */
  proportion?: boolean;
  steps?: PlanStep[];
  /** Work is reviewed and sent back below `below`, at most `rounds` times. */
  review: { below: number; rounds: number; auto: boolean };
  /** A failing check sends the work back at most this often. */
  checkRounds: number;
};

/** An amount of what a session may spend. `usd` stays 0 where a model has no known price. */
export type Amount = { usd: number; tokens: number; turns: number };

export type Budget = { usd: number; tokens: number; turns: number; minutes: number; depth: number; parallel: number };

export type Usage = { input: number; output: number; cacheRead: number; cacheWrite: number };
