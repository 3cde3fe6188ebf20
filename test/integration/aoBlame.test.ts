// `ao blame` as a user runs it: after a run of the demo, with a person's edits on top.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { LineOrigin } from "../../src/runtime/blame.ts";
import { createHome, type Ended, type Home, sessionIn } from "../support/ao.ts";

type Row = { line: number; text: string; origin: LineOrigin | null };

describe("ao blame", () => {
  let home: Home;
  let readme: string;
  let session: string;

  before(async () => {
    home = createHome();
    const workspace = home.copyOf(resolve("agents/demo/project"));
    readme = join(workspace, "README.md");
    const goal = 'Fix the typo "recieve" in README.md';
    const asked = await home.ao(["run", goal, "--workspace", workspace, "--model", "demo", "--apply"]);
    assert.equal(asked.code, 3, asked.stdout + asked.stderr);
    session = sessionIn(asked);
    const [approval] = JSON.parse(await ok("approvals", "--json")) as { id: string }[];
    await ok("approve", approval!.id);
    await ok("resume", session);
  });
  after(() => home.remove());

  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await home.ao(args);
    assert.equal(code, 0, stdout + stderr);
    return stdout;
  };
  const refused = ({ code, stderr }: Ended, wanted: number, says: RegExp): void => {
    assert.equal(code, wanted, stderr);
    assert.match(stderr, says);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
  };
  const lineWith = (word: string): number =>
    readFileSync(readme, "utf8")
      .split("\n")
      .findIndex((line) => line.includes(word)) + 1;

  it("names who wrote a line, by which call, with whose approval; also when a person has edited around it and in it", async () => {
    const at = lineWith("receive");
    const story = await ok("blame", `${readme}:${at}`);
    for (const part of [
      new RegExp(`session +${session}\n`),
      /goal +Fix the typo/,
      /agent +typescript\n/,
      /model +demo\n/,
      /written by +filesystem__edit_file \(c_\w+\)/,
      /approval +a_\w+: approve, once, by user/,
      /landed +\d{4}-\d\d-\d\d \d\d:\d\d, by \w+/,
      /no check passed on exactly what was taken/,
    ])
      assert.match(story, part);
    writeFileSync(readme, `A person's first line.\n${readFileSync(readme, "utf8").replace("delivery", "parcel")}`);
    const { lines } = JSON.parse(await ok("blame", readme, "--json")) as { lines: Row[] };
    const ours = lines.filter(({ origin }) => origin);
    assert.deepEqual(
      ours.map(({ line, origin }) => [line, origin!.sessionId, origin!.agent, origin!.changed]),
      [[at + 1, session, "typescript", true]],
    );
    const rows = (await ok("blame", readme)).split("\n");
    assert.match(rows[at]!, new RegExp(`^${session} {2}typescript {2}demo {2}\\S+ \\S+ ~ +${at + 1} .*receive`));
    assert.deepEqual((await ok("blame", `${readme}:${at}-${at + 1}`)).trimEnd().split("\n"), rows.slice(at - 1, at + 1));
    assert.match(rows[0]!, /^ +1 {2}A person's first line\.$/);
    assert.match(await ok("blame", `${readme}:1`), /No session wrote this line/);
  });

  it("refuses in one line what it cannot answer", async () => {
    refused(await home.ao(["blame", join(home.dir, "none.txt")]), 2, /none\.txt does not exist/);
    refused(await home.ao(["blame", `${readme}:9999`]), 2, /has no line 9999: it has \d+/);
    refused(await home.ao(["blame", resolve("package.json")]), 2, /is in no folder that a session has worked in; see: ao list/);
    refused(await home.ao(["blame", home.dir]), 2, /is no file/);
    refused(await home.ao(["blame"]), 2, /needs FILE/);
    refused(await home.ao(["blame", `${readme}:2-1`]), 2, /write it as FILE:1-2/);
    refused(await home.ao(["blame", `${readme}:1-9999`]), 2, /has no line 9999/);
  });
});
