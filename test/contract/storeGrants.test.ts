// Standing grants on disk: none is lost when several programs write at once, and what is damaged permits nothing.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GrantsPort, StandingGrant } from "../../src/core/ports.ts";
import { createGrants } from "../../src/store/grants.ts";
import { makeTempDir } from "../support/tempDir.ts";

const grant = (id: StandingGrant["id"], at = "2026-01-01T00:00:00.000Z"): StandingGrant => ({
  id,
  covers: { kind: "edits", tool: "filesystem__write_file", rule: "writes" },
  workspace: "/w",
  by: "user",
  at,
  sessionId: "s_1",
});

describe("standing grants on disk", () => {
  let folder: string;
  let remove: () => void;
  let grants: GrantsPort;
  beforeEach(() => {
    const made = makeTempDir("grants");
    ({ remove } = made);
    folder = join(made.path, "grants");
    grants = createGrants(folder);
  });
  afterEach(() => remove());

  it("are listed in their order, also by another who opens them, until they are revoked", async () => {
    assert.deepEqual(await grants.list(), []);
    assert.equal(await grants.revoke("g_a"), false);
    const [late, early] = [grant("g_a", "2026-01-02T00:00:00.000Z"), grant("g_b")];
    await grants.add(late);
    await grants.add(early);
    const other = createGrants(folder);
    assert.deepEqual(await other.list(), [early, late]);
    assert.equal(await other.revoke("g_b"), true);
    assert.equal(await grants.revoke("g_b"), false);
    assert.deepEqual(await grants.list(), [late]);
    if (process.platform === "win32") return;
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(join(folder, "g_a.json")).mode & 0o777, 0o600);
  });

  it("are all there when several programs write at once", async () => {
    const module = new URL("../../src/store/grants.ts", import.meta.url).href;
    const program = `
      import { createGrants } from ${JSON.stringify(module)};
      const [folder, name] = process.argv.slice(1);
      const grants = createGrants(folder);
      const one = ${JSON.stringify(grant("g_x"))};
      await Promise.all(Array.from({ length: 25 }, (_, i) => grants.add({ ...one, id: "g_" + name + i })));
    `;
    const ends = ["a", "b", "c"].map(async (name) => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", program, folder, name], { stdio: "inherit" });
      return (await once(child, "exit"))[0] as number;
    });
    assert.deepEqual(await Promise.all(ends), [0, 0, 0]);
    assert.equal((await grants.list()).length, 75);
    assert.ok(readdirSync(folder).every((name) => name.endsWith(".json")));
  });

  it("permit nothing when they are damaged, half written or under another name", async () => {
    await grants.add(grant("g_good"));
    const whole = JSON.stringify(grant("g_good"));
    const files = {
      "g_cut.json": whole.slice(0, 40),
      "g_other.json": whole,
      "g_half.half": whole.replace("g_good", "g_half"),
      "g_empty.json": "",
      "g_odd.json": JSON.stringify({ ...grant("g_odd"), covers: null }),
      "g_no.json": JSON.stringify({ ...grant("g_no"), workspace: 1 }),
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    assert.deepEqual(
      (await grants.list()).map((one) => one.id),
      ["g_good"],
    );
  });

  it("are found by their own names only", async () => {
    writeFileSync(join(folder, "..", "g_a.json"), "{}");
    for (const id of ["../g_a", "g_../../g_a", "", "g_", "x"]) assert.equal(await grants.revoke(id), false, id);
    assert.equal(statSync(join(folder, "..", "g_a.json")).size, 2);
  });
});
