// `ao changes`, `ao apply`, `ao discard`: a session's result, before and when it goes into the user's tree.

import { relative, resolve, sep } from "node:path";
import { whyUnproven } from "../../core/landingEnd.ts";
import { decodeUtf8 } from "../../core/context.ts";
import type { Artifact } from "../../protocol/agents.ts";
import type { ChangePart, FileChange } from "../../protocol/events.ts";
import type { TaskId } from "../../protocol/ids.ts";
import { landedAt, type Standing, standingOf, undoneIn } from "../../protocol/landed.ts";
import { filesIn, patchOf } from "../../protocol/patch.ts";
import { describeProof, proofsOf } from "../../protocol/proof.ts";
import type { SessionState } from "../../protocol/state.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Command, Io } from "../command.ts";
import { jsonOption, text } from "../command.ts";
import { counted, fileNames, visible } from "../format.ts";
import { isAttended, requireWorkspace, sessionNamed, withRuntime, withStore } from "../open.ts";
import { fileLines } from "../render/question.ts";
import { CommandError, exit, refusal } from "../usage.ts";
import { watchRun } from "../watchRun.ts";

export const changesCommand: Command = {
  name: "changes",
  args: "SESSION [FILE…] [--task TASK] [--stat] [--json]",
  summary: "Show what a session changed, or only in the files or folders named, as a patch",
  options: {
    task: {
      type: "string",
      value: "TASK",
      describe: "what one task or step did, also where it could not be joined; see: ao trace SESSION --tasks",
    },
    stat: { type: "boolean", describe: "only the files, their figures and what was decided about them" },
    json: jsonOption,
  },
  arity: [1, Infinity],
  run: ({ positionals, values, io }) =>
    withStore(io, async (store) => {
      const state = await sessionNamed(store, positionals[0]!);
      const { landing, id } = state;
      const task = text(values, "task");
      if (task === undefined && !landing) {
        io.out(values["json"] ? JSON.stringify(jsonOf(state, [])) : noChanges(state));
        return exit.done;
      }
      const work = task === undefined ? landing?.patch : patchOfTask(state, task);
      const patch = work ? decodeUtf8((await store.getArtifact(work.hash)) ?? new Uint8Array()) : "";
      const all = task === undefined ? (landing?.files ?? []) : filesIn(patch);
      const chosen = new Set(namedFiles(positionals, state, all, io));
      const files = all.filter(({ path }) => chosen.size === 0 || chosen.has(path));
      if (values["json"]) io.out(JSON.stringify(task === undefined ? jsonOf(state, files) : { sessionId: id, task, files }));
      else if (values["stat"]) for (const line of task === undefined ? statLines(state, files) : fileLines(files)) io.out(visible(line));
      else if (chosen.size > 0) io.out(patchOf(patch, [...chosen]));
      else if (patch) io.out(patch);
      return exit.done;
    }),
};

function noChanges({ id, landed = [], seq, checkpoints }: SessionState): string {
  if (landed.length === 0) return `Session ${id} changed no files.`;
  if (landedAt({ landed, checkpoints }, seq).length === 0)
    return `The last prompt changed no files; what earlier ones of this session changed was taken back: ao checkpoints ${id}`;
  return `The last prompt changed no files; earlier ones of this session did: ao checkpoints ${id}, ao blame FILE`;
}

function jsonOf(state: SessionState, files: FileChange[]): object {
  const { id, landing } = state;
  return {
    sessionId: id,
    files,
    decision: landing?.decision ?? (landing ? "pending" : null),
    parts: landing?.parts ?? [],
    unproven: landing?.unproven ?? false,
    proofs: proofsOf(state).map(({ receipt, says }) => ({ ...receipt, says })),
  };
}

/** Of one to be chosen from, as it was set aside. */
function patchOfTask({ id, tasks, candidates }: SessionState, named: string): Artifact {
  const task = tasks[named as TaskId] ?? Object.values(tasks).findLast(({ stepId }) => stepId === named);
  if (!task) throw new CommandError(`there is no task or step "${named}" in session ${id}; see: ao trace ${id} --tasks`);
  const patch = task.patch ?? task.conflict?.patch ?? candidates[task.stepId ?? ""]?.patch;
  if (!patch) throw new CommandError(`"${named}" changed no files, or worked in the folder of the task above it`, exit.failed);
  return patch;
}

export const applyCommand: Command = {
  name: "apply",
  args: "SESSION [FILE…] [--joined | --join]",
  summary: "Take a session's changes into your files, all or only those to the files or folders named",
  options: {
    joined: { type: "boolean", describe: "you have joined these files by hand: what they hold counts as taken" },
    join: { type: "boolean", describe: "changes that no longer fit are joined with yours by the agents that wrote them" },
  },
  arity: [1, Infinity],
  run: async ({ positionals, values, io }) => {
    const [named, ...files] = positionals;
    if (values["join"] && values["joined"]) throw new CommandError("use --join or --joined, not both");
    if (values["join"] && files.length > 0) throw new CommandError("--join is for all that does not fit: name no files");
    if (values["joined"] && files.length === 0) throw new CommandError("name the files that you have joined by hand");
    if (values["join"]) return joinByAgents(named!, io);
    return withRuntime(io, {}, async (runtime) => {
      const state = await sessionNamed(runtime.store, named!);
      const { id, workspace } = state;
      requireOpen(state);
      requireWorkspace(state, `take the patch elsewhere: ao changes ${id} > changes.patch`);
      const how = { by: "user", ...only(positionals, state, io), ...(values["joined"] ? { joined: true as const } : {}) };
      const landed = await runtime.engine.dispatch({ type: "changes.apply", sessionId: id, ...how });
      if (!landed.ok) throw refusal(landed.error);
      const { files: taken, conflicts } = landed.value;
      if (conflicts.length > 0) throw new CommandError(conflictWords(id, conflicts), exit.waiting);
      const said = values["joined"]
        ? `Taken as you joined ${taken.length === 1 ? "it" : "them"}`
        : `Applied ${counted(taken.length, "file")} to ${workspace}`;
      io.out(`${said}: ${fileNames(taken)}`);
      await sayOpen(runtime, id, io);
      return exit.done;
    });
  },
};

function requireOpen(state: SessionState): void {
  const { id, landing, checkpoints } = state;
  const before = checkpoints.findLast(({ commit, from }) => commit === landing?.base && !from);
  const undo = before ? `ao rollback ${id} --to ${before.checkpointId}` : `ao checkpoints ${id}`;
  const patch = `the patch is still there: ao changes ${id}`;
  const why: Record<Standing, string | undefined> = {
    waiting: undefined,
    applied: `all changes are applied already; undo them with: ${undo}`,
    partly: `all changes are decided already, see: ao changes ${id} --stat; undo those that were taken with: ${undo}`,
    discarded: `the changes were discarded; ${patch}`,
    "taken back": `the changes were taken back out of your files; ${patch}`,
  };
  const standing = standingOf(state);
  const said = standing && why[standing];
  if (said) throw new CommandError(`session ${id}: ${said}`, exit.failed);
}

function conflictWords(id: string, conflicts: string[]): string {
  const files = fileNames(conflicts);
  return `nothing was written: you changed the same places in ${files}, or something else stands there. Join them by hand (see: ao changes ${id}) and say so: ao apply ${id} ${conflicts.map(quoted).join(" ")} --joined; or have an agent join them: ao apply ${id} --join`;
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

async function joinByAgents(named: string, io: Io): Promise<number> {
  const attended = isAttended(io);
  const { id, workspace } = await withStore(io, async (store) => {
    const state = await sessionNamed(store, named);
    requireWorkspace(state, `take the patch elsewhere: ao changes ${state.id} > changes.patch`);
    return state;
  });
  const command = { type: "changes.join" as const, sessionId: id, by: "user" };
  return withRuntime(io, { workspace, attended }, (runtime) => watchRun(runtime, io, command, { json: false, attended }));
}

export const discardCommand: Command = {
  name: "discard",
  args: "SESSION [FILE…]",
  summary: "Refuse a session's changes, all or only those to the files or folders named; your files stay as they are",
  options: {},
  arity: [1, Infinity],
  run: ({ positionals, io }) =>
    withRuntime(io, {}, async (runtime) => {
      const state = await sessionNamed(runtime.store, positionals[0]!);
      const { id } = state;
      requireOpen(state);
      const discarded = await runtime.engine.dispatch({
        type: "changes.discard",
        sessionId: id,
        by: "user",
        ...only(positionals, state, io),
      });
      if (!discarded.ok) throw refusal(discarded.error);
      io.out(`Discarded the changes to ${counted(discarded.value.files.length, "file")}; the record of the session stays.`);
      await sayOpen(runtime, id, io);
      return exit.done;
    }),
};

function only(positionals: string[], state: SessionState, io: Io): { only?: ChangePart[] } {
  if (positionals.length === 1) return {};
  if (!state.landing) return { only: positionals.slice(1).map((path) => ({ path })) };
  const paths = namedFiles(positionals, state, state.landing.files, io);
  const open = paths.filter((path) => [undefined, "decided in part"].includes(decisionOf(state, path)));
  return { only: (open.length > 0 ? open : paths).map((path) => ({ path })) };
}

/** Files as the list of changes names them, or as they are named from the present folder; a folder for all below it. */
function namedFiles([, ...named]: string[], { id, workspace }: SessionState, files: FileChange[], io: Io): string[] {
  const known = files.map((file) => file.path);
  return named.flatMap((name) => {
    const fromHere = relative(workspace, resolve(io.cwd, name)).split(sep).join("/");
    const path = [name, fromHere].find((one) => known.includes(one));
    if (path !== undefined) return [path];
    const folders = [name.replace(/\/+$/, ""), fromHere].map((folder) => (folder === "" ? "" : `${folder}/`));
    const below = folders.map((folder) => known.filter((one) => one.startsWith(folder))).find((found) => found.length > 0);
    if (!below) throw new CommandError(`${name} is not among the changes of session ${id}; see: ao changes ${id} --stat`);
    return below;
  });
}

type Decision = "applied" | "joined by hand" | "refused" | "decided in part" | "taken back" | "undone" | "undone in part";

function decisionOf(state: SessionState, path: string): Decision | undefined {
  const { landing } = state;
  const own = landing?.parts?.filter((part) => part.path === path) ?? [];
  const whole = own.find((part) => !part.hunks)?.decision ?? (own.length === 0 ? landing?.decision : undefined);
  const standing = standingOf(state);
  if (standing === "discarded" || (whole === "discarded" && own.length > 0)) return "refused";
  if (standing === "taken back") return "taken back";
  const undone = undoneIn(state, path);
  if (undone) return undone === "all" ? "undone" : "undone in part";
  if (own.some((part) => part.joined)) return "joined by hand";
  if (whole === "applied") return "applied";
  return own.length > 0 ? "decided in part" : undefined;
}

function statLines(state: SessionState, files: FileChange[]): string[] {
  const lines = fileLines(files);
  const marked = files.map(({ path }, i) => [lines[i], ...[decisionOf(state, path) ?? []].flat().map((word) => `(${word})`)].join("  "));
  return [...marked, ...proofsOf(state).map(describeProof)];
}

async function sayOpen(runtime: Runtime, sessionId: string, io: Io): Promise<void> {
  const state = await runtime.engine.state(sessionId);
  const landing = state?.landing;
  const faults = state ? proofsOf(state).filter(({ says }) => says === "failed" || says === "altered") : [];
  if (landing?.decision !== "discarded") for (const fault of faults) io.out(visible(`Check: ${describeProof(fault)}`));
  if (landing?.unproven) io.out(`Unproven: ${whyUnproven(landing.parts)}.`);
  if (landing?.decision !== "applied" && landing?.decision !== "discarded")
    io.out(`The other changes still wait: ao apply ${sessionId}, ao discard ${sessionId}`);
}
