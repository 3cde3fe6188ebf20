// A session as one file: taken out here, taken in on another machine, it is the same session. Files that were cut, changed
// or made to do harm take in nothing.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { canonicalJson } from "../../src/protocol/hash.ts";
import type { TraceEvent } from "../../src/protocol/events.ts";
import { reduceAll } from "../../src/protocol/reduce.ts";
import { createHome, type Home, sessionIn } from "../support/ao.ts";
import { type FakeModelServer, startFakeModelServer } from "../support/fakeModelServer.ts";
import { readFiles } from "../support/gitProject.ts";
import { teamModel, teamProject } from "../support/teamModel.ts";

type Part = { head: { kind: string; bytes: number; sha256: string }; content: Buffer };

function partsOf(file: string): Part[] {
  const all = gunzipSync(readFileSync(file));
  const parts: Part[] = [];
  for (let at = all.indexOf(10) + 1; at < all.length;) {
    const end = all.indexOf(10, at);
    const head = JSON.parse(all.toString("utf8", at, end)) as Part["head"];
    parts.push({ head, content: all.subarray(end + 1, end + 1 + head.bytes) });
    at = end + 1 + head.bytes;
  }
  return parts;
}

function fileOf(parts: Part[]): Buffer {
  const pieces = parts.flatMap(({ head, content }) => [Buffer.from(`${JSON.stringify(head)}\n`), content]);
  return gzipSync(Buffer.concat([Buffer.from("agent-orchestrator session 1\n"), ...pieces]));
}

/** With the sums made right again, as somebody would who means harm. */
function changed(parts: Part[], kind: string, change: (content: Buffer) => Buffer | string): Part[] {
  const made = parts.map((part) => (part.head.kind === kind ? withContent(part, Buffer.from(change(part.content))) : part));
  const [events, snapshots] = ["events", "snapshots"].map((name) => made.find(({ head }) => head.kind === name)!.head);
  return made.map((part) => {
    if (part.head.kind !== "manifest") return part;
    const manifest = JSON.parse(part.content.toString()) as Record<string, unknown>;
    const seq =
      kind === "events"
        ? made
            .find(({ head }) => head.kind === "events")!
            .content.toString()
            .trim()
            .split("\n").length
        : manifest["seq"];
    const sums = { digest: events!.sha256, seq, bytes: { events: events!.bytes, snapshots: snapshots!.bytes } };
    return withContent(part, Buffer.from(JSON.stringify({ ...manifest, ...sums })));
  });
}

function withContent({ head }: Part, content: Buffer): Part {
  return { head: { ...head, bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") }, content };
}

function allIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).toSorted();
}

describe("ao export, ao import", () => {
  let server: FakeModelServer;
  let home: Home;
  let other: Home;
  let session: string;
  let file: string;
  let workspace: string;

  before(async () => {
    server = await startFakeModelServer(teamModel());
    home = createHome({ ANTHROPIC_API_KEY: "key", ANTHROPIC_BASE_URL: server.url });
    workspace = home.project(teamProject);
    const how = ["--workflow", "sequential", "--level", "bypass", "--workspace", workspace, "--model", "anthropic:claude-sonnet-4-5"];
    const ended = await home.ao(["run", "Write added.mjs", ...how, "--yes-to", "checks"]);
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    session = sessionIn(ended);
    file = join(home.dir, "session.aosession");
    assert.equal(await ok(home, "export", session, "--out", file), `${file}\n`);
  });
  beforeEach(() => {
    other = createHome({ ANTHROPIC_API_KEY: "key", ANTHROPIC_BASE_URL: server.url });
  });
  afterEach(() => other.remove());
  after(async () => {
    await server.close();
    home.remove();
  });

  const ok = async (at: Home, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await at.ao(args);
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };
  const refused = async (content: Buffer, ...says: RegExp[]): Promise<void> => {
    const bad = join(other.dir, "bad.aosession");
    writeFileSync(bad, content);
    const { code, stdout, stderr } = await other.ao(["import", bad]);
    assert.equal(code, 1, stdout + stderr);
    for (const text of says) assert.match(stderr, text);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
    assert.equal(await ok(other, "list", "--json"), "[]\n");
    assert.deepEqual(
      allIn(join(other.dir, "data")).filter((name) => /probe-import|objects\/[0-9a-f]{2}|\.pack$/.test(name)),
      [],
    );
  };

  it("is the same session elsewhere: record, state, changes; it forks and does not run", async () => {
    assert.equal(await ok(other, "import", file), `${session}\n`);
    const [mine, theirs] = [await home.events(session), await other.events(session)];
    assert.deepEqual(theirs.slice(0, mine.length), mine);
    assert.equal(canonicalJson(reduceAll(theirs.slice(0, mine.length))), canonicalJson(reduceAll(mine)));
    assert.deepEqual(
      theirs.slice(mine.length).map(({ type, payload }) => [type, (payload as { key: string }).key]),
      [
        ["state.changed", "imported"],
        ["state.changed", "config"],
      ],
    );
    assert.equal(await ok(other, "changes", session), await ok(home, "changes", session));
    const resumed = await other.ao(["resume", session, "-p", "More"]);
    assert.deepEqual([resumed.code, /import its file again with --workspace DIR/.test(resumed.stderr)], [1, true], resumed.stderr);
    const edit = mine.find(
      ({ type, payload }) => type === "call.ended" && (payload as { tool: string }).tool === "filesystem__write_file",
    )!;
    const { sessionId, at } = JSON.parse(await ok(other, "fork", session, "--at", String(edit.seq), "--json")) as {
      sessionId: string;
      at: number;
    };
    assert.equal((await other.events(sessionId)).length > at, true);
    assert.match((await other.ao(["resume", sessionId])).stderr, /imported to be read/);
    assert.match((await other.ao(["import", file])).stderr, /here already/);
    assert.match((await home.ao(["import", file])).stderr, /here already/);
  });

  it("goes on where it is given a folder; what was allowed there is asked here", async () => {
    const folder = other.project(teamProject);
    await ok(other, "import", file, "--workspace", folder);
    const state = reduceAll(await other.events(session))!;
    assert.deepEqual([state.workspace, state.config.level, state.config.yesTo, state.imported?.canRun], [folder, "default", [], true]);
    const ended = await other.ao(["resume", session, "-p", "Write added.mjs", "--level", "bypass", "--yes-to", "checks"]);
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.ok(Object.keys(readFiles(folder)).includes("added.mjs"));
  });

  it("of a run under way goes on elsewhere, in folders made anew", async () => {
    const events = await home.events(session);
    const edit = events.find(
      ({ type, payload }) => type === "call.ended" && (payload as { tool: string }).tool === "filesystem__write_file",
    )!;
    const fork = (await ok(home, "fork", session, "--at", String(edit.seq))).trim();
    const half = join(other.dir, "half.aosession");
    await ok(home, "export", fork, "--out", half);
    const folder = other.project(teamProject);
    await ok(other, "import", half, "--workspace", folder);
    const ended = await other.ao(["resume", fork, "--level", "bypass", "--yes-to", "checks"]);
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.deepEqual(readFiles(folder), readFiles(workspace));
  });

  it("takes another id where another session has it", async () => {
    await ok(other, "import", file);
    const parts = changed(partsOf(file), "events", (text) =>
      text.toString().replace('"goal":"Write added.mjs"', '"goal":"Write other.mjs"'),
    );
    writeFileSync(join(other.dir, "other.aosession"), fileOf(parts));
    const { sessionId, renamed } = JSON.parse(await ok(other, "import", join(other.dir, "other.aosession"), "--json")) as {
      sessionId: string;
      renamed: boolean;
    };
    assert.ok(renamed && sessionId !== session);
    const own = await other.events(sessionId);
    assert.ok(own.every((event) => event.sessionId === sessionId && event.id === `${sessionId}#${event.seq}`));
    assert.match(await ok(other, "changes", sessionId), /added\.mjs/);
    assert.equal((await other.events(session))[0]!.sessionId, session);
  });

  it("takes nothing in of a file that is cut, damaged, or none of ours", async () => {
    const whole = readFileSync(file);
    for (const share of [0.1, 0.5, 0.9, 0.999])
      await refused(whole.subarray(0, Math.floor(whole.length * share)), /Nothing was imported: .*cut off|damaged/i);
    for (const at of [0.2, 0.6, 0.95]) {
      const flipped = Buffer.from(whole);
      flipped[Math.floor(whole.length * at)]! ^= 16;
      await refused(flipped, /nothing was imported/i);
    }
    await refused(Buffer.from("hello"), /no session file/);
    await refused(gzipSync("hello\n"), /no session file/);
    await refused(gzipSync(Buffer.alloc(1 << 20)), /no session file/);
  });

  it("takes nothing in of a record with holes, doubles, or a stranger's events", async () => {
    const parts = partsOf(file);
    const edited = (change: (lines: string[]) => string[]): Buffer =>
      fileOf(changed(parts, "events", (text) => `${change(text.toString().trim().split("\n")).join("\n")}\n`));
    const alter = (line: string, change: Partial<TraceEvent>): string => JSON.stringify({ ...(JSON.parse(line) as TraceEvent), ...change });
    await refused(
      edited((lines) => [...lines.slice(0, 9), ...lines.slice(8)]),
      /its event 10 has the number 9/,
    );
    await refused(
      edited((lines) => lines.toSpliced(4, 1)),
      /its event 5 has the number 6/,
    );
    await refused(
      edited((lines) => lines.with(3, alter(lines[3]!, { sessionId: "s_other" }))),
      /event 4 is of another session/,
    );
    await refused(
      edited((lines) => lines.with(3, alter(lines[3]!, { taskId: "../../x" as never }))),
      /event 4 is damaged/,
    );
    await refused(
      edited((lines) => lines.with(3, "{")),
      /event 4 is damaged/,
    );
    await refused(
      edited((lines) => lines.with(0, alter(lines[0]!, { payload: { name: "x" } }))),
      /first event is damaged/,
    );
  });

  it("takes nothing in of a file whose names lead elsewhere, that is a bomb, or that brings more than it says", async () => {
    const parts = partsOf(file);
    const manifest = (change: object): Buffer =>
      fileOf(
        parts.map((part) =>
          part.head.kind === "manifest"
            ? withContent(part, Buffer.from(JSON.stringify({ ...(JSON.parse(part.content.toString()) as object), ...change })))
            : part,
        ),
      );
    for (const sessionId of ["../../escaped", "/etc/x", "a/b", ""])
      await refused(manifest({ sessionId }), /what it says of itself is wrong \(sessionId\)/);
    await refused(manifest({ commits: ["../../../x"] }), /what it says of itself is wrong/);
    await refused(manifest({ commits: [] }), /more than it says/);
    await refused(manifest({ artifacts: [{ hash: `sha256:${"0".repeat(64)}`, bytes: 1e12 }] }), /more than a file of its size/);
    const zeros = { head: { kind: "events", bytes: 3e8, sha256: "0".repeat(64) }, content: Buffer.alloc(3e8) };
    await refused(fileOf([parts[0]!, zeros]), /nothing was imported/i);
    await refused(fileOf([...parts, withContent(parts[1]!, Buffer.from("more"))]), /more than it says/);
    const lost = changed(parts, "snapshots", (pack) => pack.subarray(0, pack.length - 40));
    await refused(fileOf(lost), /snapshots/);
  });

  it("does not replace a file, and says what is missing", async () => {
    const again = await home.ao(["export", session, "--out", file]);
    assert.deepEqual([again.code, /exists already/.test(again.stderr)], [2, true]);
    assert.equal((await home.ao(["import", join(home.dir, "none")])).code, 2);
    assert.equal((await home.ao(["import", file, "--workspace", join(home.dir, "none")])).code, 2);
    const elsewhere = await home.ao(["export", session, "--out", join(home.dir, "no", "such", "x")]);
    assert.deepEqual([elsewhere.code, elsewhere.stderr.trim().split("\n").length], [1, 1], elsewhere.stderr);
    rmSync(join(home.dir, "none"), { force: true });
    mkdirSync(join(home.dir, "made"), { recursive: true });
  });
});
