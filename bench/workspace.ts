// `npm run bench:workspace`: what snapshots, worktrees, diffs and ways back cost beside plain git that does the same on
// the same files, cold and after edits. Rounds alternate; each ratio is taken within its round.

import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { WorkspacePort } from "../src/core/workspacePort.ts";
import type { Commit } from "../src/protocol/ids.ts";
import { createWorkspace } from "../src/workspace/workspace.ts";
import { makeTempDir } from "../test/support/tempDir.ts";
import { type Compared, compare, median, ms, printTable, type Row, times } from "./figures.ts";

const quick = process.argv.includes("--quick");
const sizes = quick ? [1000, 20_000] : [1000, 20_000, 100_000];
const roundsFor = (size: number): number => (quick || size > 50_000 ? 3 : 7);
const edited = 20;
const filesPerFolder = 50;
const goal = "≤ 1.5×";

/** One project; a private git directory of plain git's and a data folder of ours, both knowing all its files. */
type Bench = { size: number; rounds: number; project: string; plainDir: string; dataDir: string; port: WorkspacePort; base: Commit };

const temp = makeTempDir("bench-workspace");
let names = 0;
let edits = 0;
try {
  console.log(`${availableParallelism()} cores, Node ${process.version}, ${git(temp.path, ["--version"]).trim()}`);
  for (const size of sizes) printTable(await measure(size));
} finally {
  temp.remove();
}

async function measure(size: number): Promise<Row[]> {
  const project = makeFiles(size);
  git(project, ["init", "--quiet"]);
  git(project, ["add", "--all"]);
  git(project, ["commit", "--quiet", "--message", "a commit"]);
  const rounds = roundsFor(size);
  let [plainDir, dataDir] = ["", ""];
  const cold = await compare(
    rounds,
    async () => {
      plainDir = fresh("plain");
      git(project, ["init", "--quiet", "--bare", plainDir]);
      return await timed(() => stagedTree(project, plainDir));
    },
    async () => {
      dataDir = fresh("data");
      return await timed(async () => await taken(createWorkspace({ dataDir }), project));
    },
  );
  const port = createWorkspace({ dataDir });
  const bench = { size, rounds, project, plainDir, dataDir, port, base: await taken(port, project) };
  const [ours, floor] = [bytesIn(dataDir), bytesIn(plainDir)];
  const row = (what: string, { ours, floor, ratio }: Compared, wish = goal): Row => ({
    what: `${size.toLocaleString("en-US")} files: ${what}`,
    ours: ms(ours),
    floor: ms(floor),
    ratio: times(ratio),
    goal: wish,
  });
  return [
    row("snapshot, cold", cold),
    ...(await measureSnapshots(bench)).map(([what, compared, wish]) => row(what, compared, wish)),
    ...(await measureTasks(bench)).map(([what, compared]) => row(what, compared)),
    row("way back", await measureWayBack(bench)),
    { what: `${size.toLocaleString("en-US")} files: disk`, ours: mib(ours), floor: mib(floor), ratio: times(ours / floor), goal: "" },
  ];
}

async function measureSnapshots({ size, rounds, project, plainDir, port }: Bench): Promise<[string, Compared, string][]> {
  const ours = async (): Promise<number> => {
    edit(project, size, 1);
    return await timed(async () => await taken(port, project));
  };
  const plain = (work: () => unknown) => async (): Promise<number> => {
    edit(project, size, 1);
    return await timed(work);
  };
  const after = await compare(
    2 * rounds,
    plain(() => stagedTree(project, plainDir)),
    ours,
  );
  const stash = await compare(
    2 * rounds,
    plain(() => git(project, ["stash", "create"])),
    ours,
  );
  return [
    ["snapshot after one edit", after, size === 20_000 ? `${goal}, < 150 ms` : goal],
    ["… beside `git stash create`", stash, ""],
  ];
}

/** A task's folder is made, some of its files are edited, and the work is told from what it began with. */
async function measureTasks({ size, rounds, project, port, base }: Bench): Promise<[string, Compared][]> {
  const tasks: { plain: string; ours: string; id: `t_${number}` }[] = [];
  const made = await compare(
    rounds,
    async () => {
      const folder = fresh("worktree");
      tasks.push({ plain: folder, ours: "", id: `t_${tasks.length}` });
      return await timed(() => git(project, ["worktree", "add", "--quiet", "--detach", folder]));
    },
    async () => {
      const task = tasks.at(-1)!;
      return await timed(async () => void (task.ours = await port.openWorktree("s", project, task.id, base)));
    },
  );
  const told: Compared[] = [];
  for (const task of tasks) {
    const floor = async (): Promise<number> => {
      edit(task.plain, size, edited);
      return await timed(() => {
        git(task.plain, ["add", "--all"]);
        git(task.plain, ["diff-tree", "-r", "--patch", "--numstat", "HEAD", git(task.plain, ["write-tree"]).trim()]);
      });
    };
    const ours = async (): Promise<number> => {
      edit(task.ours, size, edited);
      return await timed(async () => {
        await port.diff("s", project, base, await port.commitWorktree("s", project, task.id, base, "the work"));
      });
    };
    told.push(await compare(1, floor, ours));
  }
  const closed = await compare(
    1,
    async () => await timed(() => tasks.forEach((task) => git(project, ["worktree", "remove", "--force", task.plain]))),
    async () => await timed(async () => await port.dispose("s", project)),
  );
  const middle = (side: keyof Compared): number => median(told.map((one) => one[side]));
  return [
    ["worktree made", made],
    [`… work of ${edited} files told`, { floor: middle("floor"), ours: middle("ours"), ratio: middle("ratio") }],
    [`… ${tasks.length} removed`, closed],
  ];
}

/** As `ao rollback` does it: what is there is kept first, then the work is taken off it. */
async function measureWayBack({ size, rounds, project, plainDir, port }: Bench): Promise<Compared> {
  const begin = async (): Promise<Commit> => {
    git(project, ["reset", "--quiet", "--hard"]);
    return await taken(port, project);
  };
  return await compare(
    rounds,
    async () => {
      await begin();
      edit(project, size, edited);
      return await timed(() => {
        stagedTree(project, plainDir);
        git(project, ["reset", "--quiet", "--hard"]);
      });
    },
    async () => {
      const then = await begin();
      edit(project, size, edited);
      const worked = await taken(port, project);
      return await timed(async () => {
        const present = await taken(port, project);
        const { commit } = await port.merge("s", project, worked, present, then, "back");
        await port.diff("s", project, present, commit);
        const landed = await port.land("s", project, present, commit, 0);
        if (!landed.ok || landed.value.files.length !== edited) throw new Error(`the way back failed: ${JSON.stringify(landed)}`);
        await port.settle("s", project, 1);
      });
    },
  );
}

async function taken(port: WorkspacePort, project: string): Promise<Commit> {
  const snapshot = await port.snapshot("s", project);
  if (!snapshot.ok) throw new Error(snapshot.error.message);
  return snapshot.value.commit;
}

function stagedTree(project: string, gitDir: string): void {
  git(project, [`--git-dir=${gitDir}`, "--work-tree=.", "add", "--all"]);
  git(project, [`--git-dir=${gitDir}`, "--work-tree=.", "write-tree"]);
}

function git(cwd: string, args: string[]): string {
  const env = { PATH: process.env["PATH"], HOME: temp.path, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null", LC_ALL: "C" };
  const who = ["-c", "user.name=user", "-c", "user.email=user@localhost", "-c", "gc.auto=0"];
  return execFileSync("git", [...who, ...args], { cwd, env, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] });
}

async function timed(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function fresh(what: string): string {
  return join(temp.path, `${what}-${++names}`);
}

function makeFiles(size: number): string {
  const project = fresh("project");
  for (let i = 0; i < size; i += filesPerFolder) mkdirSync(join(project, folderOf(i)), { recursive: true });
  for (let i = 0; i < size; i++) writeFileSync(join(project, fileOf(i)), contentOf(i));
  return project;
}

function edit(root: string, size: number, files: number): void {
  edits++;
  for (let i = 0; i < files; i++) {
    const number = Math.floor((i * size) / files);
    writeFileSync(join(root, fileOf(number)), `${contentOf(number)}// edit ${edits}\n`);
  }
}

function folderOf(i: number): string {
  const folder = Math.floor(i / filesPerFolder);
  return join(`area${folder % 20}`, `part${folder}`);
}

function fileOf(i: number): string {
  return join(folderOf(i), `module${i}.ts`);
}

/** Some 600 bytes to 3 KiB, no two alike. */
function contentOf(i: number): string {
  const line = (k: number): string => `export const value${i}_${k} = compute(${(i * 7919 + k * 104_729) % 1_000_003}, "${k}");\n`;
  return Array.from({ length: 10 + (i % 40) }, (_, k) => line(k)).join("");
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true })
    .map((file) => lstatSync(join(folder, String(file))))
    .reduce((sum, found) => sum + (found.blocks ?? 0) * 512, 0);
}

function mib(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
