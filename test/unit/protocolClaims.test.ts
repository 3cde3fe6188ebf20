// What a result says of the project's checks, read from its prose: claims are found, and wishes, doubts and denials are none.

import assert from "node:assert/strict";
import { claimsOf } from "../../src/protocol/claims.ts";

const said = (summary: string): string[] => claimsOf({ status: "done", summary }).said;

describe("claims", () => {
  const claims: [string, string[]][] = [
    ["All tests pass.", ["test"]],
    ["I fixed it; the test suite is green now", ["test"]],
    ["The 12 unit tests passed and lint is clean.", ["test", "lint"]],
    ["`npm test` ran: tests succeed\nThe build succeeds without warnings", ["test", "build"]],
    ["tsc reports no errors.", ["build"]],
    ["All 12 tests pass, 0 failures.", ["test"]],
    ["12 tests passed, 0 failed.", ["test"]],
    ["Tests: 12 passed, 12 total", ["test"]],
    ["Passed all tests.", ["test"]],
    ["npm test exits with 0.", ["test"]],
    ["Ran npm test: everything is green.", ["test"]],
    ["The test suite runs without errors.", ["test"]],
    ["Tests OK ✅", ["test"]],
    ["The tests now pass, including the one for failed logins.", ["test"]],
    ["Verified: 12/12 passing.", ["test"]],
    ["No test failures.", ["test"]],
    ["All tests pass and this will be fine.", ["test"]],
    ["I ran the full test suite that the project has, all in all fourteen files, and it passes", ["test"]],
    ["Type checks clean, eslint reports 0 problems.", ["build", "lint"]],
    ["Type checking passes, eslint shows no warnings.", ["build", "lint"]],
  ];
  for (const [summary, kinds] of claims) it(`in "${summary.replaceAll("\n", " / ")}"`, () => assert.deepEqual(said(summary), kinds));

  const none = [
    "Added a test for the parser.",
    "The tests do not pass.",
    "The tests should pass now.",
    "Run npm test to see whether the tests pass.",
    "Two tests fail, the others pass.",
    "I could not verify that the build succeeds.",
    "Once the tests pass, merge it.",
    "The passing of arguments to the build script is documented.",
    "Make sure that all tests pass.",
    "The tests will pass when the server is up.",
    "Nothing was run; the tests could pass.",
    "The failing tests pass a null where a list is needed.",
    "Explained how the linter is configured.",
  ];
  for (const summary of none) it(`none in "${summary}"`, () => assert.deepEqual(said(summary), []));

  it("are a finished work's alone", () => {
    assert.deepEqual(claimsOf({ status: "failed", summary: "All tests pass.", claims: ["test"] }), { declared: [], said: [] });
    assert.deepEqual(claimsOf({ status: "done", summary: "All tests pass.", claims: ["test"] }), { declared: ["test"], said: [] });
  });
});
