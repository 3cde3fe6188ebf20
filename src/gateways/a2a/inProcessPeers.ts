// Local agents as A2A peers, in process: the SDK's own client and request handler joined by a transport that makes
// direct calls, so that a specialist here and a peer over the network are reached by the same types (A5).
// The task store is a view of the session's log; nothing is kept here (A5, A13).

import {
  A2A_PROTOCOL_VERSION,
  type AgentCard,
  type Message,
  Role,
  type SendMessageRequest,
  type Task as A2ATask,
  TaskState,
} from "@a2a-js/sdk";
import { Client, type Transport } from "@a2a-js/sdk/client";
import {
  AgentEvent,
  type AgentExecutor,
  DefaultRequestHandler,
  type RequestContext,
  ServerCallContext,
  type TaskStore,
} from "@a2a-js/sdk/server";
import type { Handoff, PeersPort } from "../../core/ports.ts";
import type { Task, TaskResult, TaskStatus } from "../../protocol/agents.ts";
import { messageOf } from "../../protocol/result.ts";

type Work = Parameters<PeersPort["serve"]>[0];
type Look = Parameters<PeersPort["serve"]>[1];

const stateOfStatus: Record<TaskStatus, TaskState> = {
  pending: TaskState.TASK_STATE_SUBMITTED,
  running: TaskState.TASK_STATE_WORKING,
  blocked: TaskState.TASK_STATE_INPUT_REQUIRED,
  done: TaskState.TASK_STATE_COMPLETED,
  failed: TaskState.TASK_STATE_FAILED,
  cancelled: TaskState.TASK_STATE_CANCELED,
};

export function createInProcessPeers(): PeersPort {
  let work: Work = () => Promise.resolve({ status: "failed", summary: "no agents are served here" });
  let look: Look = () => undefined;
  const clients = new Map<string, Client>();

  function clientFor(agent: string): Client {
    const known = clients.get(agent);
    if (known) return known;
    const card = cardOf(agent);
    const handler = new DefaultRequestHandler(
      card,
      logView((sessionId, taskId) => look(sessionId, taskId)),
      executor((handoff, signal) => work(handoff, signal)),
    );
    const client = new Client(directTransport(handler), card);
    clients.set(agent, client);
    return client;
  }

  return {
    serve(nextWork, nextLook) {
      work = nextWork;
      look = nextLook;
    },
    async send(handoff, signal) {
      try {
        const answer = await clientFor(handoff.agent).sendMessage(requestOf(handoff), { signal, serviceParameters: {} });
        return resultOf(answer);
      } catch (error) {
        return { status: "failed", summary: `${handoff.agent} could not be reached: ${messageOf(error)}` };
      }
    },
  };
}

function cardOf(agent: string): AgentCard {
  return {
    name: agent,
    description: `The ${agent} agent of this session`,
    version: "1",
    documentationUrl: "",
    signatures: [],
    provider: undefined,
    supportedInterfaces: [{ url: `in-process:${agent}`, protocolBinding: "IN-PROCESS", tenant: "", protocolVersion: A2A_PROTOCOL_VERSION }],
    capabilities: { streaming: false, pushNotifications: false, extensions: [], extendedAgentCard: false },
    securitySchemes: {},
    securityRequirements: [],
    defaultInputModes: ["text/plain", "application/json"],
    defaultOutputModes: ["text/plain", "application/json"],
    skills: [],
  };
}

function requestOf(handoff: Handoff): SendMessageRequest {
  return {
    tenant: "",
    configuration: undefined,
    metadata: {},
    message: {
      messageId: `${handoff.taskId}.goal`,
      role: Role.ROLE_USER,
      parts: [{ content: { $case: "text", value: handoff.goal }, metadata: undefined, filename: "", mediaType: "text/plain" }],
      taskId: handoff.taskId,
      contextId: handoff.sessionId,
      extensions: [],
      metadata: { handoff },
      referenceTaskIds: [],
    },
  };
}

function resultOf(answer: A2ATask | Message): TaskResult {
  const message = "status" in answer ? answer.status?.message : answer;
  for (const part of message?.parts ?? []) if (part.content?.$case === "data") return part.content.value as TaskResult;
  return { status: "failed", summary: "the peer ended without a result" };
}

/** Loads what the log says of a task; saving is nothing to do, since the log has it before the peer could. */
function logView(look: Look): TaskStore {
  return {
    save: () => Promise.resolve(),
    load: (taskId, context) => {
      const task = look(String(context.state.get("session")), taskId as Task["id"]);
      return Promise.resolve(task && asA2A(task));
    },
    list: () => Promise.resolve({ tasks: [], nextPageToken: "", pageSize: 0, totalSize: 0 }),
  };
}

function asA2A(task: Task): A2ATask {
  return {
    id: task.id,
    contextId: task.sessionId,
    status: { state: stateOfStatus[task.status], message: undefined, timestamp: task.updatedAt },
    artifacts: [],
    history: [],
    metadata: {},
  };
}

function executor(work: Work): AgentExecutor {
  return {
    async execute(request: RequestContext, bus) {
      const { handoff } = request.userMessage.metadata as { handoff: Handoff };
      const task = request.task ?? asA2A({ id: handoff.taskId, sessionId: handoff.sessionId, status: "pending" } as Task);
      bus.publish(
        AgentEvent.task({
          ...task,
          status: { state: TaskState.TASK_STATE_WORKING, message: undefined, timestamp: task.status?.timestamp },
        }),
      );
      // What is thrown here is a bug or an unwritable log, which the run reports; the peer only sees that it failed.
      const result = await work(handoff, request.context.state.get("signal") as AbortSignal).catch((error: unknown): TaskResult => ({
        status: "failed",
        summary: messageOf(error),
      }));
      bus.publish(
        AgentEvent.statusUpdate({
          taskId: task.id,
          contextId: task.contextId,
          status: { state: stateOfStatus[result.status], message: resultMessage(task, result), timestamp: undefined },
          metadata: {},
        }),
      );
      bus.finished();
    },
    // In process a cancellation arrives by the request's signal, which the work ends by.
    cancelTask: () => Promise.resolve(),
  };
}

function resultMessage(task: A2ATask, result: TaskResult): Message {
  const part = { content: { $case: "data" as const, value: result }, metadata: undefined, filename: "", mediaType: "application/json" };
  return {
    messageId: `${task.id}.result`,
    role: Role.ROLE_AGENT,
    parts: [part],
    taskId: task.id,
    contextId: task.contextId,
    extensions: [],
    metadata: {},
    referenceTaskIds: [],
  };
}

/** Only what an in-process peer needs; the rest of the transport belongs to peers over the network. */
function directTransport(handler: DefaultRequestHandler): Transport {
  const absent = (): never => {
    throw new Error("an in-process peer answers messages only");
  };
  const contextOf = (request: SendMessageRequest, signal: AbortSignal | undefined): ServerCallContext =>
    new ServerCallContext({
      requestedVersion: A2A_PROTOCOL_VERSION,
      state: new Map<string, unknown>([
        ["signal", signal],
        ["session", request.message?.contextId],
      ]),
    });
  return {
    protocolName: "IN-PROCESS",
    protocolVersion: A2A_PROTOCOL_VERSION,
    sendMessage: (request, options) => handler.sendMessage(request, contextOf(request, options?.signal)),
    sendMessageStream: absent,
    getExtendedAgentCard: absent,
    createTaskPushNotificationConfig: absent,
    getTaskPushNotificationConfig: absent,
    listTaskPushNotificationConfig: absent,
    deleteTaskPushNotificationConfig: absent,
    getTask: absent,
    cancelTask: absent,
    listTasks: absent,
    resubscribeTask: absent,
  };
}
