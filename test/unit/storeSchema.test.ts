import assert from "node:assert/strict";
import { checkSqliteVersion, compareVersions } from "../../src/store/sqliteSchema.ts";

describe("SQLite versions", () => {
  for (const [a, b, sign] of [
    ["3.51.3", "3.51.3", 0],
    ["3.9.0", "3.51.3", -1],
    ["3.51.10", "3.51.3", 1],
    ["3.52", "3.51.3", 1],
    ["4", "3.99.99", 1],
  ] as const)
    it(`${a} beside ${b}`, () => assert.equal(Math.sign(compareVersions(a, b)), sign));

  it("one that is too old is refused with the way out", () => {
    assert.throws(() => checkSqliteVersion("3.51.2"), { code: "unsupported", message: /update Node/ });
    checkSqliteVersion("3.51.3");
  });
});
