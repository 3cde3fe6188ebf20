// How much of the team a goal gets: a table that reads as a person would sort it.

import assert from "node:assert/strict";
import { deservesReview, isTestPath, pathsIn, proportionOf } from "../../src/core/proportion.ts";
import type { FileChange } from "../../src/protocol/events.ts";

const goals = {
  answer: [
    "What does this project do?",
    "Where is the login handled?",
    "How does the retry logic work",
    "Why does the build fail on Windows?",
    "Which tests cover the parser?",
    "Is there a test for the parser?",
    "Does the API support pagination?",
    "Should we add a cache?",
    "How do I add a new command?",
    "What would it take to migrate to ESM?",
    "Explain the architecture of the store",
    "Summarize the changes of the last week",
    "List all endpoints",
    "Describe what the test suite covers",
    "Tell me how to write a plugin",
    "Can you explain how auth works?",
    "Please show me where errors are logged",
    "Are there any security problems in src/auth.ts? I wonder.",
  ],
  edit: [
    "Fix the typo in README.md",
    "fix typo",
    "Can you fix the typo in the README?",
    "Correct the spelling of 'recieve' in docs/api.md",
    "Rename getUser to fetchUser in src/user.ts",
    "Rename build to compile in package.json",
    "Bump the version to 1.2.0",
    "Add a comment to parse() that explains the regex",
    "Change the default port to 8080 in config.ts",
    "Set the timeout to 30 seconds in src/http.ts",
    "Remove the unused import in src/a.ts",
    "Update the copyright year in LICENSE.md",
    "Replace 'create' by 'make' in README.md",
    "Please fix the indentation in src/a.ts",
    "Add the word 'beta' to the title in index.html",
    "Improve the wording of the error message in src/open.ts",
    "Delete the debug line in src/main.ts",
  ],
  plan: [
    "Add a greet function with tests, and document it in the README",
    "Implement OAuth login",
    "Can you add pagination to the users API?",
    "Could you please refactor the parser into modules?",
    "How about adding a dark mode?",
    "Write tests for the parser",
    "Fix the crash when the file is empty",
    "Create a comment system for blog posts",
    "Add rename support to the file manager",
    "Build a grammar for the query language",
    "Implement comment threads",
    "Bump all dependencies",
    "Rename the package and migrate all its users to the new API",
    "Migrate the store to PostgreSQL",
    "Make the command line faster",
    "When the user logs in, greet them by name",
    "Explain the parser, then rewrite it",
    "Is the cache used anywhere? If not, remove it.",
    "Describe the new options in the README",
    "Update src/api.ts to support pagination",
    "Add a function that sums the prices to src/cart.ts",
    "Two things:\n- add a login\n- add a logout",
    "Optimize the query in src/db.ts",
    `Fix the typo ${"and look at every file of the project closely ".repeat(6)}`,
  ],
} as const;

describe("proportion", () => {
  for (const [expected, texts] of Object.entries(goals))
    it(`${expected}: ${texts.length} goals`, () => {
      const wrong = texts.filter((text) => proportionOf(text) !== expected).map((text) => `${proportionOf(text)}: ${text}`);
      assert.deepEqual(wrong, []);
    });

  it("reviews what is large, spread, risky or gone, and no prose", () => {
    const change = (path: string, added: number, kind: FileChange["kind"] = "modified"): FileChange => ({ path, kind, added, removed: 0 });
    const table: [FileChange[], boolean][] = [
      [[change("src/a.ts", 3)], false],
      [[change("src/a.ts", 13)], true],
      [[change("README.md", 300)], false],
      [[change("a.ts", 1), change("b.ts", 1), change("c.ts", 1)], true],
      [[change("src/auth/login.ts", 1)], true],
      [[change("package.json", 1)], true],
      [[change("src/old.ts", 0, "deleted")], true],
      [[], false],
    ];
    for (const [files, expected] of table) assert.equal(deservesReview(files), expected, JSON.stringify(files));
  });

  it("knows tests and paths by their looks", () => {
    for (const path of ["test/a.ts", "src/a.test.ts", "src/__tests__/a.js", "tests/a.py", "test_a.py", "pkg/a_test.go"])
      assert.ok(isTestPath(path), path);
    for (const path of ["src/a.ts", "src/latest.ts", "src/contest/a.ts", "testing.ts"]) assert.ok(!isTestPath(path), path);
    assert.deepEqual(pathsIn("look at src/a.ts, README.md and ./b/c-d.py."), ["src/a.ts", "README.md", "./b/c-d.py"]);
  });
});
