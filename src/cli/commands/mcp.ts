// `ao mcp`: the agent team as an MCP server on stdio, for other agents and editors. A runtime of its own; no port is opened.

import type { Command } from "../command.ts";
import { workspaceOption } from "../command.ts";
import { existingWorkspaceOf, withRuntime } from "../open.ts";
import { exit } from "../usage.ts";
import { version } from "../version.ts";
import { levelOption } from "./levels.ts";
import { configOf } from "./run.ts";

export const mcpCommand: Command = {
  name: "mcp",
  args: "[--workspace DIR] [--model MODEL] [--level LEVEL] [--answer-for-user]",
  summary: "Serve sessions of the team as MCP tools on stdin and stdout",
  options: {
    workspace: workspaceOption,
    model: { type: "string", value: "MODEL", describe: "provider:model for sessions that name none" },
    level: levelOption,
    "answer-for-user": { type: "boolean", describe: "Clients may answer what sessions of your own ask, too" },
  },
  arity: [0, 0],
  run: (invocation) => {
    const { io, values } = invocation;
    const workspace = existingWorkspaceOf(invocation);
    return withRuntime(io, { workspace, attended: true }, async (runtime) => {
      const { serveMcp } = await import("../../runtime/mcp.ts");
      const { engine, store, registry } = runtime;
      const stop = (): void => void io.stdin.destroy();
      process.once("SIGTERM", stop).once("SIGINT", stop);
      await serveMcp(
        {
          engine,
          store,
          registry,
          version: version(),
          workspace,
          answerForUser: values["answer-for-user"] === true,
          config: (wish) => configOf(runtime, { values: { ...values, ...wish }, io }, { workspace, yesTo: [] }),
        },
        io.stdin,
        (message) => io.err(`ao: ${message}`),
      );
      return exit.done;
    });
  },
};
