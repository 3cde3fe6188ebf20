// Patterns of rules: what an allow rule covers exactly, and what a deny or ask rule could mean.

import assert from "node:assert/strict";
import { alternativesOf, commandMatcher, pathMatcher, type Reading } from "../../src/core/patterns.ts";

const inside = (relative: string) => ({ relative: [relative], absolute: [`/work/${relative}`] });
const outside = (path: string) => ({ relative: [], absolute: [path] });

describe("patterns of rules", () => {
  it("match paths as people write globs", () => {
    const table: [glob: string, reading: Reading, yes: string[], no: string[]][] = [
      ["**/.env*", "broad", [".env", "a/.env.local", "a/b/.ENV", ".env/x"], ["env", "a/env.ts", "x.env"]],
      ["src/**", "exact", ["src/a.ts", "src/a/b.ts"], ["source/a.ts", "lib/src/a.ts", "Src/a.ts"]],
      ["src/**", "broad", ["SRC/a.ts", "src"], ["lib/src/a.ts"]],
      ["*.md", "exact", ["README.md", "docs/a.md"], ["a.mdx", "a.md/b", "a.MD"]],
      ["secrets", "broad", ["secrets", "secrets/a", "a/Secrets/b"], ["secrets2", "my-secrets/a"]],
      ["secrets/", "broad", ["secrets/a", "x/secrets/a"], ["secrets2/a"]],
      ["./src/*.ts", "exact", ["src/a.ts"], ["src/a/b.ts", "src/a.tsx"]],
      ["{src,test}/**/*.{ts,tsx}", "exact", ["src/a.ts", "test/x/y.tsx"], ["src/a.js", "lib/a.ts"]],
      ["a?c/[x-z]/[!0-9]", "exact", ["abc/y/k"], ["abc/w/k", "abc/y/7", "ac/y/k"]],
      ["/work/app/**", "exact", ["app/x"], ["src/x"]],
      ["a{b", "exact", ["a{b"], ["ab"]],
      ["a\\*b", "exact", ["a*b"], ["axb"]],
      ["**", "exact", ["a", "a/b/c"], []],
    ];
    for (const [glob, reading, yes, no] of table) {
      const matches = pathMatcher(glob, reading);
      for (const path of yes) assert.ok(matches(inside(path)), `${glob} (${reading}) covers ${path}`);
      for (const path of no) assert.ok(!matches(inside(path)), `${glob} (${reading}) leaves ${path}`);
    }
  });

  it("match absolute paths, without mistaking a name's beginning for it", () => {
    const app = pathMatcher("/w/app/**", "broad");
    assert.ok(app(outside("/w/app/x")));
    assert.ok(!app(outside("/w/app-secrets/x")));
    assert.ok(pathMatcher("**/id_rsa", "broad")(outside("/home/me/.ssh/id_rsa")), "a name at any depth means places outside too");
    assert.ok(pathMatcher("id_rsa", "broad")(outside("/home/me/.ssh/ID_RSA")));
    assert.ok(!pathMatcher("src/**", "broad")(outside("/other/src/x")), "a relative glob begins at the task's folder");
  });

  it("read a deny in any case and Unicode form, an allow to the letter", () => {
    const forms = [".ENV", ".e\u200bnv", "\uff0eenv"];
    for (const name of forms) {
      assert.ok(pathMatcher("**/.env", "broad")(inside(name)), JSON.stringify(name));
      assert.ok(!pathMatcher("**/.env", "exact")(inside(name)), JSON.stringify(name));
    }
  });

  it("match the words of a command", () => {
    const table: [pattern: string, yes: string[], no: string[]][] = [
      ["npm test", ["npm test"], ["npm test x", "npm", "npm run test", "/tmp/npm test"]],
      ["git status *", ["git status", "git status -s", "git status --short a b"], ["git stash", "git", "git -C x status"]],
      ["npm run test:*", ["npm run test:unit"], ["npm run test", "npm run test:unit -- x"]],
      ["git * main", ["git checkout main"], ["git main", "git checkout x main"]],
      ["npm run 'my build'", [], ["npm run my build"]],
      ["*", ["anything at all"], []],
    ];
    for (const [pattern, yes, no] of table) {
      const matches = commandMatcher(pattern, "exact");
      for (const line of yes) assert.ok(matches(line.split(" ")), `${pattern} covers ${line}`);
      for (const line of no) assert.ok(!matches(line.split(" ")), `${pattern} leaves ${line}`);
    }
    assert.ok(commandMatcher("npm run 'my build'", "exact")(["npm", "run", "my build"]));
  });

  it("mean with a deny what comes to the same", () => {
    const table: [pattern: string, yes: string[], no: string[]][] = [
      [
        "git push *",
        ["git push", "git -C . push origin", "/usr/bin/git push", "git --no-pager push -f"],
        ["git log --grep push", "git status"],
      ],
      ["rm -rf *", ["rm -rf x", "rm -fr x", "rm -r -f x", "/bin/rm -r -v -f x"], ["rm x", "rm -r x", "git rm -rf x"]],
      ["npm publish", ["npm publish", "npm publish --dry-run", "npm --silent publish"], ["npm run publish", "npm test"]],
      ["curl *", ["curl", "curl -s https://x", "/opt/bin/curl x"], ["curly x"]],
      ["npm test", ["npm test"], ["npm test other"]],
    ];
    for (const [pattern, yes, no] of table) {
      const matches = commandMatcher(pattern, "broad");
      for (const line of yes) assert.ok(matches(line.split(" ")), `${pattern} means ${line}`);
      for (const line of no) assert.ok(!matches(line.split(" ")), `${pattern} does not mean ${line}`);
    }
  });

  it("come to an end, whatever a project's file says", () => {
    assert.ok(alternativesOf("{a,b}".repeat(40)).length <= 64);
    const path = inside(`${"a/".repeat(500)}${"a".repeat(5000)}`);
    for (const glob of ["**/".repeat(200) + "x", "*a".repeat(300), "{{{{{a,b},c},d},e},f}".repeat(20), "[".repeat(1000)])
      pathMatcher(glob, "broad")(path);
    // A regular expression would be at these for ever.
    assert.equal(commandMatcher(`${"*a".repeat(400)}b`, "broad")(["a".repeat(20_000)]), false);
  });
});
