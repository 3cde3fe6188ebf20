// Agents and a person work on the same files at the same time, by dice, over landings, parts of them, and ways back. After
// each step the files are known: the person's bytes as they left them, the agents' work as it was at the checkpoint; and
// where both wrote in the same place, nothing at all was written. AO_FUZZ=200 makes more rounds, AO_SEED=7 repeats one.

import assert from "node:assert/strict";
import type { Checkpoint } from "../../src/protocol/state.ts";
import { folderWorld, type FolderWorld, valueOf } from "../support/folderWorld.ts";
import { createDice, type Dice, seeds } from "../support/randomEdits.ts";

const steps = 8;

/** Paths as `writeFiles` takes them, in the form in which `readFiles` gives them. */
type Tree = Record<string, string>;

/** What one of them wrote: whole files in a folder of their own, and their lines of the files that both write in. */
type Work = { own: Tree; lines: Record<string, string[]> };

const names = ["x", "x/in", "x/in/deep", "y", "y/z", "\u00fc n", "new\nline", "-rf", "crlf.txt", "empty", "ln", "README.md"];
const shared = ["shared/a.ts", "shared/d\u00e9j\u00e0 vu.txt"];

const begin = (): Work => ({ own: {}, lines: Object.fromEntries(shared.map((path) => [path, Array<string>(12).fill("-")])) });
const copy = (work: Work): Work => structuredClone(work);

const latin1 = (text: string): string => Buffer.from(text).toString("latin1");

function filesOf(agents: Work, person: Work): Tree {
  const between = Array.from({ length: 10 }, (_, i) => `stays ${i}`);
  const both = shared.map((path) => [
    path,
    [...agents.lines[path]!, ...between, ...person.lines[path]!].map((line) => `${line}\n`).join(""),
  ]);
  return { ...prefixed("work", agents.own), ...prefixed("mine", person.own), ...(Object.fromEntries(both) as Tree) };
}

function prefixed(folder: string, tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).map(([path, content]) => [`${folder}/${path}`, content]));
}

/** As they are written, and as they are read: bytes, each as a character. */
function asRead(tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).map(([path, content]) => [path, content.startsWith("link:") ? content : latin1(content)]));
}

function content({ below, pick }: Dice): string {
  const lines = Array.from({ length: below(20) }, () => `${below(100)}`);
  return pick([
    lines.join("\n"),
    lines.join("\r\n"),
    `${lines.join("\n")}\n`,
    "",
    `\0${below(1000)}\u0001`,
    "gr\u00fc\u00df\n",
    `link:${pick(["x", "../..", "/nowhere"])}`,
  ]);
}

/** Creations, changes, deletions, renames, modes, links, files for folders and folders for files. */
function edited(before: Work, dice: Dice, who: string): Work {
  const { below, pick, chance } = dice;
  const work = copy(before);
  for (let i = below(5); i >= 0; i--) {
    const path = pick(names);
    const there = Object.keys(work.own);
    const kind = there.length === 0 ? "put" : pick(["lines", "put", "put", "change", "change", "delete", "move"]);
    if (kind === "lines") {
      const lines = work.lines[pick(shared)]!;
      lines[below(lines.length)] = `${who} ${below(10_000)}`;
    } else if (kind === "delete") delete work.own[pick(there)];
    else if (kind === "change") put(work.own, pick(there).replace(/\*$/, ""), content(dice), chance(0.3));
    else if (kind === "move") {
      const from = pick(there);
      const moved = work.own[from]!;
      delete work.own[from];
      put(work.own, path, moved, from.endsWith("*"));
    } else put(work.own, path, content(dice), chance(0.2));
  }
  return work;
}

function put(own: Tree, path: string, text: string, isProgram: boolean): void {
  for (const other of Object.keys(own)) {
    const plain = other.replace(/\*$/, "");
    if (plain === path || plain.startsWith(`${path}/`) || path.startsWith(`${plain}/`)) delete own[other];
  }
  own[isProgram && !text.startsWith("link:") ? `${path}*` : path] = text;
}

function difference(from: Tree, to: Tree): { put: Tree; gone: string[] } {
  const gone = Object.keys(from).filter((path) => !(path in to));
  return { put: Object.fromEntries(Object.entries(to).filter(([path, text]) => from[path] !== text)), gone };
}

describe("agents and a person at the same files", function () {
  this.timeout(600_000);

  for (const seed of seeds(6))
    it(`every landing and every way back leaves both as they should be (seed ${seed})`, async () => {
      const dice = createDice(seed);
      const story: string[] = [];
      let [agents, person] = [begin(), edited(begin(), dice, "person")];
      const world: FolderWorld = await folderWorld(filesOf(agents, person), { git: dice.chance(0.5) });
      let sessionId: string | undefined;
      const past = new Map<Checkpoint["checkpointId"], Work>();

      const check = (what: string): void => assert.deepEqual(world.files(), asRead(filesOf(agents, person)), what);
      const edit = (next: Work): void => {
        world.edit(difference(filesOf(agents, person), filesOf(agents, next)));
        person = next;
      };
      const remember = async (before: Work, after: Work): Promise<void> => {
        for (const { checkpointId, name, from } of (await world.state(sessionId!)).checkpoints)
          if (from === undefined && !past.has(checkpointId)) past.set(checkpointId, copy(name.startsWith("after") ? after : before));
      };
      /** The person writes over one of the agents' files meanwhile: `work` may do nothing to it, or nothing at all. */
      const clashing = async (paths: string[], work: () => Promise<{ conflicts: string[] }>): Promise<string[]> => {
        const path = dice.pick(paths);
        const all = filesOf(agents, person);
        const other = { ...all };
        for (const one of Object.keys(other)) if (one.replace(/\*$/, "") === path.replace(/\*$/, "")) delete other[one];
        other[path.replace(/\*$/, "")] = `the person's own ${story.length}\n`;
        world.edit(difference(all, other));
        const { conflicts } = await work();
        story.push(`clash at ${path}: ${conflicts.join(", ")}`);
        if (conflicts.length > 0) {
          assert.deepEqual(world.files(), asRead(other), "a clash writes nothing");
          world.edit(difference(other, all));
          return [];
        }
        // Where the agents had moved the file, and it is moved back, the person's text goes with it.
        const holders = Object.entries(world.files()).filter(([, text]) => text === other[path.replace(/\*$/, "")]);
        assert.equal(holders.length, 1, "the person's text is there");
        return [path, ...holders.map(([one]) => one)];
      };

      const work = async (): Promise<void> => {
        const before = copy(agents);
        let after = edited(agents, dice, "agent");
        while (Object.keys(difference(filesOf(before, person), filesOf(after, person)).put).length === 0)
          after = edited(after, dice, "agent");
        const change = difference(filesOf(before, person), filesOf(after, person));
        story.push(`agents: ${JSON.stringify(change)}`);
        sessionId = await world.run(change, sessionId, "Fix the typo in README.md");
        const id = sessionId;
        await remember(before, after);
        check("a run writes nothing into the person's files");
        edit(edited(person, dice, "person"));
        const apply = async (only?: { path: string }[]): Promise<{ conflicts: string[] }> =>
          valueOf(await world.engine.dispatch({ type: "changes.apply", sessionId: id, by: "user", ...(only ? { only } : {}) }));
        const discard = async (): Promise<void> =>
          void valueOf(await world.engine.dispatch({ type: "changes.discard", sessionId: id, by: "user" }));
        if (dice.chance(0.15)) {
          story.push("refused");
          await discard();
          return check("what is refused is not in the files");
        }
        const open = (await world.state(id)).landing;
        assert.ok(open);
        const changed = open.files.map(({ path }) => path);
        if (dice.chance(0.5)) {
          // Nothing of it can be where the person's text now is, as all of it is new to the agents' own folder.
          const touched = changed.filter((path) => path.startsWith("work/") && !isAbove(path, changed));
          if (touched.length > 0)
            await clashing(touched, async () => {
              const answer = await apply();
              assert.ok(answer.conflicts.length > 0, "both wrote there");
              return answer;
            });
        }
        const chosen = changed.filter(() => dice.chance(0.6));
        if (chosen.length > 0 && chosen.length < changed.length && dice.chance(0.5)) {
          const answer = await world.engine.dispatch({
            type: "changes.apply",
            sessionId: id,
            by: "user",
            only: chosen.map((path) => ({ path })),
          });
          if (answer.ok) {
            story.push(`taken: ${chosen.join(", ")}`);
            assert.deepEqual(answer.value.conflicts, []);
            await discard();
            agents = parts(before, after, chosen);
            await remember(before, agents);
            return check("parts of a result");
          }
          assert.equal(answer.error.code, "conflict", answer.error.message);
        }
        story.push("taken as a whole");
        assert.deepEqual((await apply()).conflicts, []);
        agents = after;
        await remember(before, after);
        check("a result");
      };

      const goBack = async (to: Checkpoint["checkpointId"]): Promise<void> => {
        const id = sessionId!;
        const before = copy(agents);
        const back = async (): Promise<{ conflicts: string[] }> =>
          valueOf(await world.engine.dispatch({ type: "session.rollback", sessionId: id, to, by: "user" }));
        story.push(`back to ${to}`);
        const own = Object.keys(prefixed("work", agents.own));
        const touched = own.length > 0 && dice.chance(0.4) ? await clashing(own, back) : [];
        if (touched.length === 0) assert.deepEqual((await back()).conflicts, []);
        agents = copy(past.get(to)!);
        await remember(before, agents);
        // They think better of it.
        const all = filesOf(agents, person);
        world.edit({ put: Object.fromEntries(touched.flatMap((path) => (path in all ? [[path, all[path]!]] : []))), gone: touched });
        check(`a way back`);
        // What is proposed again by it is not carried into the next run.
        const { landing } = await world.state(id);
        if (landing && landing.decision === undefined)
          valueOf(await world.engine.dispatch({ type: "changes.discard", sessionId: id, by: "user" }));
        check("what is refused");
      };

      try {
        for (let step = 0; step < steps; step++) {
          if (past.size === 0 || dice.chance(0.5)) await work();
          else await goBack(dice.pick([...past.keys()]));
          edit(edited(person, dice, "person"));
          check("the person's own");
        }
        world.at.remove();
      } catch (error) {
        throw new Error(`seed ${seed}:\n${story.join("\n")}\n${world.at.path}`, { cause: error });
      }
    });
});

/** A folder of others' paths, or below one of them: what is in the way there is another question. */
function isAbove(path: string, all: string[]): boolean {
  return all.some((other) => other !== path && (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)));
}

/** The work with only these paths of its change. */
function parts(before: Work, after: Work, chosen: string[]): Work {
  const work = copy(before);
  const isChosen = (path: string): boolean => chosen.includes(`work/${path.replace(/\*$/, "")}`);
  for (const path of Object.keys(work.own)) if (isChosen(path)) delete work.own[path];
  for (const [path, text] of Object.entries(after.own)) if (isChosen(path)) work.own[path] = text;
  for (const path of shared) if (chosen.includes(path)) work.lines[path] = after.lines[path]!;
  return work;
}
