// The tools of the MCP server: sessions of the agent team, started, watched, answered and cleaned up by another agent.

import { isAbsolute } from "node:path";
import { z } from "zod";
import { isOpen } from "../../core/landingEnd.ts";
import type { SessionRow } from "../../core/ports.ts";
import type { ApprovalId, InterruptId, SessionId } from "../../protocol/ids.ts";
import { pendingOf, pendingSchema, sessionOf, sessionSchema, statusSchema } from "./answers.ts";
import {
  type Asked,
  findSession,
  isRunning,
  mayAnswer,
  Refusal,
  type Scene,
  sessionNamed,
  startRun,
  stateOf,
  wasBegunOverMcp,
} from "./host.ts";
import { ended, personOnly, stillRunning, takeAnswers } from "./waiting.ts";

export type SessionTool = {
  name: string;
  title: string;
  description: string;
  input: z.ZodObject;
  output: z.ZodObject;
  annotations: { readOnlyHint: boolean; destructiveHint?: boolean; idempotentHint?: boolean; openWorldHint: boolean };
  /** Throws a Refusal for what the caller can mend. */
  run(scene: Scene, input: never, asked: Asked): Promise<Record<string, unknown>>;
};

function tool<I extends z.ZodObject, O extends z.ZodObject>(
  definition: Omit<SessionTool, "input" | "output" | "run"> & {
    input: I;
    output: O;
    run(scene: Scene, input: z.infer<I>, asked: Asked): Promise<z.infer<O>>;
  },
): SessionTool {
  return { ...definition, run: (scene, input, asked) => definition.run(scene, input, asked) };
}

const looks = { readOnlyHint: true, idempotentHint: true, openWorldHint: false };
const acts = { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true };

/** Nothing that hides or turns what a person reads of it. */
const session_name = z
  .string()
  .min(1)
  .max(200)
  .refine((name) => !/[\p{Cc}\u2028-\u202E\u2066-\u2069]/u.test(name), "a name has no control characters");

const session_id = z.string().min(1).describe("The session's id, or its name");

const listing = [
  tool({
    name: "list_agent_definitions",
    title: "List agents",
    description: "Lists the agents that a session can be given to. Without one the coordinator plans and shares out the work.",
    input: z.object({}),
    output: z.object({
      agents: z.array(
        z.object({
          name: z.string(),
          description: z.string(),
          role: z.string(),
          model: z.string(),
          skills: z.array(z.string()),
          tools: z.array(z.string()),
          status: z.enum(["active", "inactive"]),
        }),
      ),
    }),
    annotations: looks,
    run: async ({ registry }) => ({
      agents: registry.agents().map(({ id, description, role, model, skills, tools, enabled }) => ({
        name: id,
        description,
        role,
        model,
        skills,
        tools,
        status: enabled === false ? ("inactive" as const) : ("active" as const),
      })),
    }),
  }),
  tool({
    name: "list_agent_sessions",
    title: "List sessions",
    description: "Lists the sessions of this server's folder, and those that it began elsewhere, the newest first.",
    input: z.object({
      project_dir: z.string().optional().describe("Only those of this folder"),
      limit: z.number().int().min(1).max(1000).default(100),
    }),
    output: z.object({ sessions: z.array(sessionSchema) }),
    annotations: looks,
    run: async (scene, { project_dir, limit }) => {
      mustBeAbsolute(project_dir);
      const rows = (await sessionsInReach(scene)).filter(({ workspace }) => project_dir === undefined || workspace === project_dir);
      return { sessions: await Promise.all(rows.slice(0, limit).map((row) => sessionOf(scene, row))) };
    },
  }),
];

const starting = [
  tool({
    name: "start_agent_session",
    title: "Start a session",
    description:
      "Gives the agent team a goal in a project and answers at once. The team works in copies: the project's files change only when the result's approval is answered. Follow it with get_agent_session_status.",
    input: z.object({
      session_name: session_name.describe("A name of its own, by which the session can be addressed"),
      prompt: z.string().min(1).describe("The goal, complete in itself"),
      session_id: z.string().min(1).optional().describe("1 to 64 letters, digits, dots, underscores and hyphens"),
      agent_name: z.string().optional().describe("Who takes the goal; the coordinator by default"),
      project_dir: z.string().optional().describe("Absolute path of the project; by default the folder that this server was started in"),
      model: z.string().optional().describe("provider:model for every agent"),
      workflow: z.string().optional().describe("auto, sequential, parallel or consensus"),
    }),
    output: z.object({ session: sessionSchema }),
    annotations: acts,
    run: async (scene, input, { by }) => {
      const { session_name: name, prompt, session_id: wished, agent_name: agent, project_dir, model, workflow } = input;
      if (agent !== undefined && !scene.registry.agent(agent))
        throw new Refusal(`Blueprint not found: ${agent}; list_agent_definitions names those there are.`);
      mustBeAbsolute(project_dir);
      const id = await withName(scene, name, async () => {
        const config = await scene.config({
          ...(agent === undefined ? {} : { agent }),
          ...(model === undefined ? {} : { model }),
          ...(workflow === undefined ? {} : { workflow }),
        });
        const workspace = project_dir ?? scene.workspace;
        const called = { name, goal: prompt, ...(wished === undefined ? {} : { sessionId: wished }) };
        const created = await scene.engine.dispatch({ type: "session.create", ...called, workspace, config, by });
        if (!created.ok) throw new Refusal(created.error.message);
        scene.runs.begun.add(created.value.sessionId);
        return created.value.sessionId;
      });
      startRun(scene, id);
      return { session: await sessionOf(scene, await sessionNamed(scene, id)) };
    },
  }),
  tool({
    name: "resume_agent_session",
    title: "Resume a session",
    description: "Goes on with a session that waited or was cut off, or asks for more in it with a further prompt. Answers at once.",
    input: z.object({ session_id, prompt: z.string().min(1).optional().describe("What to do next; needed where the session is done") }),
    output: z.object({ session: sessionSchema }),
    annotations: acts,
    run: async (scene, { session_id: named, prompt }) => {
      const row = await sessionNamed(scene, named);
      if (await isRunning(scene, row.id)) throw new Refusal(`Session ${row.id} is running; wait for its end, or cancel it first.`);
      if (row.status === "done" && prompt === undefined) throw new Refusal(`Session ${row.id} is done; give it a further prompt.`);
      if (prompt !== undefined) await mustNotActUnasked(scene, row.id);
      startRun(scene, row.id, prompt);
      return { session: await sessionOf(scene, row) };
    },
  }),
];

const watching = [
  tool({
    name: "get_agent_session_status",
    title: "Status of a session",
    description: "Tells whether a session runs, how its steps stand, and what waits for an answer (answer_approval, answer_interrupt).",
    input: z.object({ session_id }),
    output: z.object({
      status: statusSchema,
      session_id: z.string().optional(),
      outcome: z.string().optional().describe("done, failed, waiting, cancelled or running"),
      reason: z.string().optional(),
      steps: z.array(z.object({ id: z.string(), goal: z.string(), status: z.string() })).optional(),
      pending: z.array(pendingSchema).optional(),
      changes: z.array(z.string()).optional().describe("Files of a result that waits to be taken"),
    }),
    annotations: looks,
    run: async (scene, { session_id: named }) => {
      const row = await findSession(scene, named);
      const state = row && (await stateOf(scene, row.id));
      if (!state) return { status: "not_existent" as const };
      const reason = scene.runs.refused.get(state.id) ?? state.run?.reason;
      const { landing } = state;
      return {
        status: (await isRunning(scene, state.id)) ? ("running" as const) : ("finished" as const),
        session_id: state.id,
        outcome: state.status,
        ...(reason === undefined ? {} : { reason }),
        steps: (state.run?.plan ?? []).map(({ id, goal, status }) => ({ id, goal, status })),
        pending: (await mayAnswer(scene, state.id)) ? pendingOf(state) : pendingOf(state).map((one) => ({ ...one, person_only: true })),
        changes: isOpen(landing) ? landing.files.map(({ path }) => path) : [],
      };
    },
  }),
  tool({
    name: "get_agent_session_result",
    title: "Result of a session",
    description:
      "The answer of a session whose run has ended, and the files that it changes. With wait_seconds it waits for that, and puts what agents ask to the person, where the client can.",
    input: z.object({ session_id, wait_seconds: z.number().int().min(0).max(3600).default(0) }),
    output: z.object({
      result: z.string(),
      outcome: z.string(),
      reason: z.string().optional(),
      unproven: z.boolean().describe("The work is done, but no check proved it"),
      files: z.array(z.string()),
    }),
    annotations: looks,
    run: async (scene, { session_id: named, wait_seconds }, asked) => {
      const { id } = await sessionNamed(scene, named);
      await takeAnswers(scene, id, asked);
      await ended(scene, id, wait_seconds, asked);
      const state = await stateOf(scene, id);
      if (await isRunning(scene, id)) throw await stillRunning(scene, id, state && pendingOf(state)[0], asked);
      const refused = scene.runs.refused.get(id);
      if (!state?.run || refused !== undefined) throw new Refusal(`Session ${id} has no result: ${refused ?? "it was never run"}.`);
      const { answer = "", reason, unproven } = state.run;
      const files = state.landing?.files.map(({ path }) => path) ?? [];
      return { result: answer, outcome: state.status, ...(reason === undefined ? {} : { reason }), unproven, files };
    },
  }),
];

const answering = [
  tool({
    name: "cancel_agent_session",
    title: "Cancel a session",
    description: "Stops a session that runs. What it did is on record and it can be resumed.",
    input: z.object({ session_id }),
    output: z.object({ ok: z.boolean(), session_id: z.string() }),
    annotations: { ...acts, idempotentHint: true },
    run: async (scene, { session_id: named }) => {
      const { id } = await sessionNamed(scene, named);
      const cancelled = await scene.engine.dispatch({ type: "session.cancel", sessionId: id });
      if (!cancelled.ok) throw new Refusal(cancelled.error.message);
      if (!cancelled.value.cancelled) throw new Refusal(`Session ${id} is not running.`);
      return { ok: true, session_id: id };
    },
  }),
  tool({
    name: "answer_approval",
    title: "Answer an approval",
    description: "Approves or denies one exact action that an agent asked for, or taking the result into the project's files.",
    input: z.object({
      approval_id: z.string().min(1),
      decision: z.enum(["approve", "deny"]),
      scope: z.enum(["once", "session"]).default("once").describe("session: the same action again too"),
      reason: z.string().optional().describe("A word for the agent"),
    }),
    output: z.object({ ok: z.boolean(), session_id: z.string(), status: statusSchema }),
    annotations: { ...acts, destructiveHint: true },
    run: async (scene, { approval_id, decision, scope, reason }, { by }) => {
      const sessionId = await sessionOfQuestion(scene, "approval", approval_id);
      const answered = await scene.engine.dispatch({
        type: "approval.resolve",
        sessionId,
        approvalId: approval_id as ApprovalId,
        decision,
        scope,
        by,
        ...(reason === undefined ? {} : { reason }),
      });
      if (!answered.ok) throw new Refusal(answered.error.message);
      return afterwards(scene, sessionId);
    },
  }),
  tool({
    name: "answer_interrupt",
    title: "Answer a question",
    description: "Answers an agent's question. A session that is not running goes on with resume_agent_session.",
    input: z.object({
      interrupt_id: z.string().min(1),
      action: z.enum(["respond", "modify", "cancel"]).default("respond").describe("modify: the text replaces its instructions"),
      text: z.string().default(""),
    }),
    output: z.object({ ok: z.boolean(), session_id: z.string(), status: statusSchema }),
    annotations: acts,
    run: async (scene, { interrupt_id, action, text }) => {
      if (action !== "cancel" && text.trim() === "") throw new Refusal("An answer needs its text.");
      const sessionId = await sessionOfQuestion(scene, "interrupt", interrupt_id);
      const command = { type: "interrupt.resolve" as const, sessionId, interruptId: interrupt_id as InterruptId, action, text };
      const answered = await scene.engine.dispatch(command);
      if (!answered.ok) throw new Refusal(answered.error.message);
      return afterwards(scene, sessionId);
    },
  }),
  tool({
    name: "delete_all_agent_sessions",
    title: "Delete all sessions",
    description:
      "Deletes the record of the sessions that were begun over MCP in this server's folder, or by this server. Those that run, that have a result which nobody took or refused, or that a person began are left and named.",
    input: z.object({}),
    output: z.object({
      ok: z.boolean(),
      deleted: z.number(),
      left: z.array(z.object({ session_id: z.string(), session_name: z.string(), reason: z.string() })),
    }),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    run: async (scene) => {
      const left: { session_id: string; session_name: string; reason: string }[] = [];
      let deleted = 0;
      for (const row of await sessionsInReach(scene)) {
        const reason = await whyKept(scene, row);
        if (reason === undefined) deleted++;
        else left.push({ session_id: row.id, session_name: row.name, reason });
      }
      return { ok: true, deleted, left };
    },
  }),
];

export const sessionTools: SessionTool[] = [...listing, ...starting, ...watching, ...answering];

function mustBeAbsolute(project_dir: string | undefined): void {
  if (project_dir !== undefined && !isAbsolute(project_dir))
    throw new Refusal(`project_dir must be an absolute path; ${JSON.stringify(project_dir)} is none.`);
}

/** Nobody else gets the name while the session is being created. */
async function withName<T>(scene: Scene, name: string, create: () => Promise<T>): Promise<T> {
  const { taken } = scene.runs;
  if (taken.has(name)) throw new Refusal(existsAlready(name));
  taken.add(name);
  try {
    if (await findSession(scene, name)) throw new Refusal(existsAlready(name));
    return await create();
  } finally {
    taken.delete(name);
  }
}

function existsAlready(name: string): string {
  return `A session "${name}" exists already; resume it, or choose another name.`;
}

/** Where a person let a session act unasked, that holds for what they asked of it. */
async function mustNotActUnasked(scene: Scene, id: SessionId): Promise<void> {
  const config = (await stateOf(scene, id))?.config;
  if ((config?.level !== "bypass" && !config?.apply) || (await mayAnswer(scene, id))) return;
  throw new Refusal(`Session ${id} was begun by a person and changes files without asking; start another session for this.`);
}

async function sessionsInReach({ store, workspace, runs }: Scene): Promise<SessionRow[]> {
  const own = await store.listSessions({ workspace });
  const known = new Set(own.map(({ id }) => id));
  const elsewhere = await Promise.all([...runs.begun].filter((id) => !known.has(id)).map((id) => store.findSession(id)));
  return [...own, ...elsewhere.filter((row) => row !== undefined)].toSorted((a, b) => b.updatedAt.localeCompare(a.updatedAt));
}

/** Deletes a session, or says why not. */
async function whyKept(scene: Scene, { id }: SessionRow): Promise<string | undefined> {
  if (await isRunning(scene, id)) return "It is running.";
  if (!(await wasBegunOverMcp(scene, id))) return "It was not begun over MCP.";
  if (isOpen((await stateOf(scene, id))?.landing)) return "Its result is neither taken nor refused.";
  const removed = await scene.engine.dispatch({ type: "session.remove", sessionId: id });
  if (!removed.ok) return removed.error.message;
  return removed.value.removed ? undefined : "It is running.";
}

/** A question that may be answered here. */
async function sessionOfQuestion(scene: Scene, kind: "approval" | "interrupt", id: string): Promise<SessionId> {
  const found = (await scene.store.listPending()).find((one) => one.kind === kind && one.id === id);
  if (!found || !(await findSession(scene, found.sessionId)))
    throw new Refusal(`No ${kind} ${id} is waiting; get_agent_session_status tells what is.`);
  if (!(await mayAnswer(scene, found.sessionId))) throw new Refusal(personOnly(found.sessionId));
  return found.sessionId;
}

async function afterwards(scene: Scene, id: SessionId): Promise<{ ok: boolean; session_id: string; status: "running" | "finished" }> {
  return { ok: true, session_id: id, status: (await isRunning(scene, id)) ? "running" : "finished" };
}
