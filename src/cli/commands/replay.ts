// `ao replay`: a recorded session made again without models, tools or network; and what another policy would have decided.

import { existsSync } from "node:fs";
import type { Policy } from "../../core/policy.ts";
import type { ReplayReport } from "../../runtime/replay.ts";
import type { Command, Io } from "../command.ts";
import { jsonOption, text, workspaceOption } from "../command.ts";
import { counted } from "../format.ts";
import { sessionNamed, withStore } from "../open.ts";
import { CommandError, exit } from "../usage.ts";

export const replayCommand: Command = {
  name: "replay",
  args: "SESSION | --file TRACE [--with-policy FILE] [--workspace DIR] [--json]",
  summary: "Make a recorded session again, offline, and name the first event that would be another",
  options: {
    file: {
      type: "string",
      value: "TRACE",
      describe: "a trace in a file: ao trace SESSION --format jsonl > TRACE, or what ao export writes",
    },
    "with-policy": { type: "string", value: "FILE", describe: "name the decisions that would be others under this policy" },
    workspace: { ...workspaceOption, describe: "the project whose agents count (default: the session's own folder)" },
    json: jsonOption,
  },
  arity: [0, 1],
  run: async ({ positionals: [session], values, io }) => {
    const file = text(values, "file");
    if ((session === undefined) === (file === undefined)) throw new CommandError("name a session, or a trace with --file");
    const [{ policyIn, replayTrace }, { readTrace, traceOf }] = await Promise.all([
      import("../../runtime/replay.ts"),
      import("../../runtime/traceFile.ts"),
    ]);
    const policyFile = text(values, "with-policy");
    const policy = policyFile === undefined ? undefined : valueOf(await policyIn(there(policyFile)));
    const workspace = text(values, "workspace");
    return withStore(io, async (store) => {
      const trace =
        file === undefined ? await traceOf(store, (await sessionNamed(store, session!)).id) : valueOf(await readTrace(there(file)));
      const report = await replayTrace(trace, { env: io.env, store, ...(policy ? { policy } : {}), ...(workspace ? { workspace } : {}) });
      if (values["json"]) io.out(JSON.stringify(report));
      else tell(io, report, policy);
      return report.divergence || report.flips.length > 0 || !report.taped ? exit.failed : exit.done;
    });
  },
};

function valueOf<T>(read: { ok: true; value: T } | { ok: false; error: { message: string } }): T {
  if (!read.ok) throw new CommandError(read.error.message);
  return read.value;
}

function there(file: string): string {
  if (!existsSync(file)) throw new CommandError(`there is no file ${file}`);
  return file;
}

function tell(io: Io, report: ReplayReport, policy: Policy | undefined): void {
  const { sessionId, events, lives, divergence, flips, taped } = report;
  if (divergence) {
    io.out(`Session ${sessionId} goes another way at event ${divergence.seq}${divergence.type === "" ? "" : ` (${divergence.type})`}:`);
    io.out(`  recorded: ${divergence.expected}`);
    io.out(`  now:      ${divergence.actual}`);
    if (divergence.expected.startsWith("contextHash"))
      io.out("  The agent would be shown something else: its instructions, the project's rules or agents, or what came before are others.");
    return;
  }
  if (!taped) {
    io.out(`Session ${sessionId} has no run that was recorded so that it can be made again (a fork begins with none).`);
    return;
  }
  io.out(`Session ${sessionId}, made again: ${counted(events, "event")} in ${counted(lives, "run")}, each as it was recorded.`);
  if (!policy) return;
  for (const { seq, tool, arguments: args, was, now } of flips) {
    io.out(`${seq}  ${tool} ${shortened(JSON.stringify(args))}`);
    io.out(`     ${was.decision} → ${now.decision}: ${now.reasons.join("; ") || "nothing speaks against it"}`);
  }
  io.out(
    flips.length === 0
      ? "No decision would be another one under this policy."
      : `${counted(flips.length, "decision")} would be another one.`,
  );
}

function shortened(words: string): string {
  return words.length > 120 ? `${words.slice(0, 120)}…` : words;
}
