// Lines and who wrote them in the Agent Trace format: records that hold against the specification's schema and that tell the
// truth about the files and commits that they speak of. And how far lines are followed through commits, a rebase and a
// formatter; what was measured is printed with AO_MEASURE=1.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { AgentTrace } from "../../src/core/agentTrace.ts";
import { agentTraces } from "../../src/runtime/agentTrace.ts";
import { blameFile } from "../../src/runtime/blame.ts";
import { type CommitWorld, commitWorld } from "../support/commitWorld.ts";
import { lines, valueOf } from "../support/folderWorld.ts";
import { random as randomOf } from "../support/random.ts";

const schema = JSON.parse(readFileSync("test/fixtures/agentTrace/record.schema.json", "utf8")) as Parameters<typeof z.fromJSONSchema>[0];
const record = z.fromJSONSchema(schema);

const holds = (one: unknown): void => {
  const read = record.safeParse(one);
  assert.ok(read.success, JSON.stringify(read.error?.issues));
};

describe("the schema of Agent Trace", () => {
  it("refuses what is no record", () => {
    const good = { version: "0.1.0", id: "550e8400-e29b-41d4-a716-446655440000", timestamp: "2026-01-25T10:00:00Z", files: [] };
    holds(good);
    const bad = [
      { ...good, version: "1" },
      { ...good, id: "x" },
      { ...good, files: [{ path: "a" }] },
      { ...good, files: [{ path: "a", conversations: [{ ranges: [{ start_line: 0, end_line: 1 }] }] }] },
      { ...good, vcs: { type: "cvs", revision: "1" } },
    ];
    for (const one of bad) assert.ok(!record.safeParse(one).success, JSON.stringify(one));
  });
});

describe("Agent Trace", () => {
  let world: CommitWorld;
  afterEach(async () => {
    await world.engine.close();
    world.at.remove();
  });

  const traces = async (id: string): Promise<AgentTrace[]> => {
    const found = await agentTraces({ store: world.store, dataDir: world.at.dataDir }, await world.state(id));
    for (const one of found) holds(one);
    return found;
  };
  type Range = AgentTrace["files"][number]["conversations"][number]["ranges"][number];
  const ranges = ({ files }: AgentTrace): Record<string, string> =>
    Object.fromEntries(
      files.map(({ path, conversations }) => [
        path,
        conversations
          .flatMap(({ contributor, ranges: own }) => own.map((range: Range) => [range, range.contributor ?? contributor] as const))
          .toSorted(([a], [b]) => a.start_line - b.start_line)
          .map(([{ start_line, end_line }, { type }]) => `${start_line}-${end_line} ${type}`)
          .join(", "),
      ]),
    );

  it("names session, model, ranges and hashes; what a person edited is mixed; a revision only where it holds", async () => {
    world = await commitWorld({ "src/a": lines(), b: "b\n" }, { below: "app" });
    const put = { "src/a": lines({ 3: "the agent's third line", 4: "the agent's fourth line", 30: "the agent's longer thirtieth line" }) };
    const id = await world.taken({ put: { ...put, b: "b\nby the agent\n" } });
    const [before] = await traces(id);
    assert.equal(before!.vcs, undefined, "nothing of it is in HEAD");
    assert.deepEqual(ranges(before!), { "app/b": "2-2 ai", "app/src/a": "3-4 ai, 30-30 ai" });
    const { commit } = valueOf(await world.commit(id, { notes: true }));
    const note = JSON.parse(world.git("notes", "--ref", "agent-trace", "show", commit!)) as AgentTrace;
    holds(note);
    assert.deepEqual([note.vcs?.revision, ranges(note)], [commit, ranges(before!)]);
    world.edit({ put: { b: "mine\nb\nby the agent\n" } });
    world.git("commit", "--quiet", "-am", "mine");
    const edited = lines({ 3: "the agent's third line", 4: "the agent's fourth line", 30: "the agent's longer thirtieth sentence" });
    world.edit({ put: { "src/a": edited } });
    const [clean, open] = await traces(id);
    assert.deepEqual(
      [clean!.vcs, ranges(clean!)],
      [{ type: "git", revision: world.git("rev-parse", "HEAD").trim() }, { "app/b": "3-3 ai" }],
    );
    assert.deepEqual([open!.vcs, ranges(open!)], [undefined, { "app/src/a": "3-4 ai, 30-30 mixed" }]);
    const [conversation] = open!.files[0]!.conversations;
    assert.equal(conversation!.url, `agent-orchestrator:session/${id}`);
    const text = edited.split("\n").slice(2, 4).join("\n");
    assert.equal(conversation!.ranges[0]!.content_hash, `sha256:${createHash("sha256").update(text).digest("hex")}`);
  });

  it("lines are followed through a commit, a rebase over others' commits, and a formatter: at least 97 of 100", async () => {
    let [kept, found, wrong] = [0, 0, 0];
    for (let seed = 1; seed <= 3; seed++) {
      const random = randomOf(seed);
      const some = (words: string[]): string => words[Math.floor(random() * words.length)]!;
      const words = ["total", "price", "order", "client", "parcel", "weight", "label", "route", "depot", "ledger"];
      const line = (who: string, i: number): string =>
        `  const ${who}${i} = ${some(words)}(${some(words)}.${some(words)}, '${some(words)}', ${Math.floor(random() * 90)})`;
      const person = Array.from({ length: 60 }, (_, i) => line("person", i));
      // Every third line of the person's gets one to three of the agent's behind it.
      const both = person.flatMap((own, i) =>
        i % 3 === 1 ? [own, ...Array.from({ length: 1 + Math.floor(random() * 3) }, (_, n) => line("agent", i * 3 + n))] : [own],
      );
      const text = (all: string[]): string => `${all.join("\n")}\n`;
      world = await commitWorld({ "a.ts": text(person) });
      const id = await world.taken({ put: { "a.ts": text(both) } });
      const made = valueOf(await world.commit(id));
      world.git("checkout", "--quiet", "-b", "others", "HEAD^");
      const theirs = person.flatMap((own, i) =>
        i % 15 === 6 ? [own, `// ${i}: a line that others wrote meanwhile`] : i % 15 === 9 ? [] : [own],
      );
      world.edit({ put: { "a.ts": text(theirs), other: "other\n" } });
      world.git("add", "--all");
      world.git("commit", "--quiet", "-m", "others");
      world.git("checkout", "--quiet", "main");
      world.git("rebase", "--quiet", "others");
      assert.notEqual(world.git("rev-parse", "HEAD").trim(), made.commit);
      const formatted = world
        .blob("HEAD", "a.ts")
        .toString()
        .split("\n")
        .flatMap((own) => {
          const tidy = own.replace(/^ {2}/, "\t").replaceAll("'", '"').replace(/\)$/, ");");
          const call = /^(\tconst .*? = \w+\()(.*)(\);)$/.exec(tidy);
          return call && tidy.length > 48 ? [call[1]!, `\t\t${call[2]!},`, `\t${call[3]!}`] : [tidy];
        });
      world.edit({ put: { "a.ts": formatted.join("\n") } });
      world.git("commit", "--quiet", "-am", "formatted");
      const { lines: origins } = (await blameFile(
        { store: world.store, dataDir: world.at.dataDir },
        join(world.root, "a.ts"),
        formatted.join("\n"),
      ))!;
      let whose = "person";
      for (const [i, own] of formatted.slice(0, -1).entries()) {
        whose = /const (agent|person)\d/.exec(own)?.[1] ?? (own.startsWith("//") ? "person" : whose);
        const isOurs = origins[i]?.sessionId === id;
        if (whose === "agent") kept++;
        if (whose === "agent" && isOurs) found++;
        if (whose === "person" && isOurs) wrong++;
      }
      const [trace] = await traces(id);
      assert.equal(trace!.vcs?.revision, world.git("rev-parse", "HEAD").trim());
      if (seed < 3) {
        await world.engine.close();
        world.at.remove();
      }
    }
    const [share, mistaken] = [found / kept, wrong / kept];
    if (process.env["AO_MEASURE"])
      console.log(`      a rebase and a formatter: ${(share * 100).toFixed(1)} found, ${(mistaken * 100).toFixed(1)} mistaken of 100`);
    assert.ok(share >= 0.97, `only ${share} of the lines were found`);
    assert.ok(mistaken <= 0.01, `${mistaken} of the lines were held for the agent's`);
  });
});
