// The `agents` server: how an agent speaks to the engine. Checks the shape of what it says; what then happens is
// core's, behind `TaskControl`.

import { z } from "zod";
import type { TaskControl } from "../../core/ports.ts";
import { checkKinds, type PlanStep, type TaskResult } from "../../protocol/agents.ts";
import type { CallResult } from "../../protocol/events.ts";
import { access, defineTool, failed } from "../toolDefinition.ts";
import type { Call, ToolServer } from "../toolDefinition.ts";
import { finding, readFinding } from "./finding.ts";

const step = z.looseObject({
  id: z.string().min(1).max(100).describe("Short name of the step, unique in the plan"),
  type: z.string().min(1).describe("generate, review, test or document"),
  goal: z.string().min(1).describe("What must be true afterwards, complete in itself"),
  language: z.string().optional().describe("Programming language, for generate"),
  agent: z.string().optional().describe("Id of an agent, where the type alone would not choose the right one"),
  model: z.string().optional(),
  dependsOn: z.array(z.string()).optional().describe("Ids of steps that must be done before"),
  files: z.array(z.string()).optional().describe("Files that the step is about"),
});

const plan = z.object({
  steps: z.array(step).min(1).max(50),
  rationale: z.string().optional().describe("Why these steps, in a sentence or two"),
});

const result = z.object({
  summary: z.string().min(1).describe("What was done and what was seen, in a few sentences"),
  status: z.enum(["done", "failed", "blocked"]),
  files: z.array(z.string()).optional().describe("Files that were changed or looked at"),
  claims: z
    .array(z.enum(checkKinds))
    .optional()
    .describe("Which of the project's checks you saw pass on your work as it is now; each is held against the runner's receipts"),
  score: z.number().min(0).max(1).optional().describe("Reviewers only: 1 is faultless, below 0.8 must be fixed"),
  findings: z.array(finding).optional(),
  data: z.unknown().optional().describe("Further data that the task asks for"),
});

const delegation = z.object({
  agent: z.string().min(1).describe("Id of one of your sub-agents"),
  goal: z.string().min(1).describe("The whole task: the sub-agent sees nothing else of this conversation"),
  input: z.unknown().optional(),
  grant: z
    .object({
      permissions: z.array(z.string()).optional(),
      budget: z
        .object({ usd: z.number().min(0), tokens: z.number().min(0), turns: z.number().min(0) })
        .partial()
        .optional(),
    })
    .optional(),
});

const question = z.object({
  question: z.string().min(1),
  choices: z.array(z.string()).optional(),
  schema: z.unknown().optional().describe("JSON Schema of the answer, if it must have a shape"),
});

const trouble = z.object({
  problem: z.string().min(1).describe("What happens and what should happen"),
  tried: z.union([z.string(), z.array(z.string())]).describe("What has been tried so far"),
});

const progress = z.object({ summary: z.string().min(1), percent: z.number().min(0).max(100).optional() });

const recalled = z.object({
  item: z.number().int().min(0).optional().describe("Number of an entry; 0 is your task as it was given. Without it: the list of entries"),
  find: z.string().optional().describe("Only entries of the list that contain this"),
  offset: z.number().int().min(0).optional().describe("Where to go on, as the answer before said"),
});

const progressTool = defineTool({
  name: "report_progress",
  description: "Tells the person in one sentence how far the work is. Does not wait.",
  input: progress,
  access: access.record,
  run: (input, call) => ask(call, (control) => control.reportProgress(defined(input) as { summary: string; percent?: number })),
});

const recallTool = defineTool({
  name: "recall",
  description: "Shows again what was set aside of your conversation to save room: earlier calls, their results, and your own words.",
  input: recalled,
  access: access.record,
  run: (input, call) => ask(call, (control) => control.recall(defined(input) as Parameters<TaskControl["recall"]>[0])),
});

export function agentsServer(): ToolServer {
  return {
    name: "agents",
    tools: [
      defineTool({
        name: "submit_plan",
        description:
          "Hands in the plan for the goal. Steps that do not depend on one another run at the same time. Call it once, at the end.",
        input: plan,
        access: access.record,
        run: (input, call) => ask(call, (control) => control.submitPlan(defined(input) as { steps: PlanStep[]; rationale?: string })),
      }),
      defineTool({
        name: "submit_result",
        description: "Hands in the result of your task and ends it. Call it once, when the work is done, failed or blocked.",
        input: result,
        access: access.record,
        run: ({ findings, ...rest }, call) => {
          const read = findings ? { findings: findings.map(readFinding) } : {};
          return ask(call, (control) => control.submitResult({ ...(defined(rest) as TaskResult), ...read }));
        },
      }),
      defineTool({
        name: "delegate",
        description: "Hands a task to one of your sub-agents and waits for its result.",
        input: delegation,
        access: access.wait,
        // A cancelled child ends by itself and is waited for: none may be at work when its parent is told to have ended.
        run: (input, { scope }) => scope.control.delegate(defined(input) as Parameters<TaskControl["delegate"]>[0]),
      }),
      defineTool({
        name: "ask_user",
        description: "Asks the person and waits for the answer. Only for what neither the files nor common sense can tell.",
        input: question,
        access: access.wait,
        run: ({ question: text, ...rest }, call) =>
          ask(call, (control) => control.ask({ kind: "user_input", text, ...omitUndefined(rest) })),
      }),
      defineTool({
        name: "request_debug",
        description: "Asks the person for help with a problem that you could not solve after several attempts, and waits for the answer.",
        input: trouble,
        access: access.wait,
        run: ({ problem, tried }, call) =>
          ask(call, (control) =>
            control.ask({
              kind: "debug_request",
              text: `${problem}\n\nTried so far:\n${typeof tried === "string" ? tried : tried.map((t) => `- ${t}`).join("\n")}`,
            }),
          ),
      }),
      progressTool,
      recallTool,
    ],
  };
}

/** The engine's answer, or its absence once the call is cancelled. */
async function ask(call: Call, request: (control: TaskControl) => Promise<CallResult>): Promise<CallResult> {
  const { signal } = call;
  return new Promise((resolve, reject) => {
    const cancel = (): void => resolve(failed("cancelled", "The call was cancelled."));
    if (signal.aborted) return cancel();
    signal.addEventListener("abort", cancel, { once: true });
    request(call.scope.control)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", cancel));
  });
}

/** Optional properties that were not given are absent, not undefined. */
function omitUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function defined(value: object): unknown {
  return omitUndefined(value);
}
