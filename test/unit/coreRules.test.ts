// Rules on calls: floor before deny, deny before ask, ask before allow, allow before the level; an allow rule covers a whole
// command line or nothing of it.

import assert from "node:assert/strict";
import { decide, type Decision, type GuardInput } from "../../src/core/guard.ts";
import type { Reach, SimpleCommand } from "../../src/core/ports.ts";
import { compileRule } from "../../src/core/rules.ts";
import { levels, type Permission } from "../../src/protocol/agents.ts";
import { nowhere, place, simple } from "../support/reach.ts";

const allow = (command: string[], more: Partial<Permission> = {}): Permission => ({ effect: "allow", tool: "shell", command, ...more });

function judged(rules: Permission[], reach: Partial<Reach>, more: Partial<GuardInput> = {}): Decision {
  return decide({
    tool: "shell__run",
    access: { effect: "execute", idempotent: false, timeoutMs: 1 },
    writable: true,
    level: "default",
    yesTo: [],
    checks: [],
    rules: rules.map(compileRule),
    paths: [],
    taint: [],
    named: [],
    ...more,
    reach: { ...nowhere, ...reach },
  });
}

const run = (...commands: (string | SimpleCommand)[]): Partial<Reach> => ({
  commands: commands.map((one) => (typeof one === "string" ? simple(one) : one)),
});

describe("rules", () => {
  it("go deny before ask before allow before the level, in whatever order they stand", () => {
    const rules: Permission[] = [
      { effect: "allow", tool: "shell", command: ["git *"] },
      { effect: "ask", tool: "shell", command: ["git push *"], reason: "others see it" },
      { effect: "deny", tool: "shell", id: "no-force", command: ["git push --force *"] },
    ];
    for (const list of [rules, rules.toReversed()])
      for (const level of levels) {
        const says = (command: string): string => judged(list, run(command), { level }).decision;
        assert.equal(says("git status"), "allow");
        assert.equal(says("git push origin"), "ask", level);
        assert.equal(says("git push --force origin"), "deny", level);
      }
    assert.equal(judged(rules, run("git push --force")).rule, "no-force");
    assert.match(judged(rules, run("git push x")).reasons[0]!, /others see it/);
  });

  it("never let an allow go past the floor", () => {
    const all: Permission[] = [{ effect: "allow", tool: "*" }];
    const write = { tool: "filesystem__write_file", access: { effect: "write", idempotent: true, timeoutMs: 1 } as const };
    assert.equal(judged(all, { places: [place(".git/hooks/x", "write", { minded: true })] }, write).decision, "deny");
    assert.equal(judged(all, { places: [place("/etc/x", "write")] }, write).decision, "deny");
    assert.equal(judged(all, run("rm -rf /"), { level: "bypass" }).decision, "deny");
    assert.equal(judged(all, { places: [place("src/x", "write")] }, write).decision, "allow");
  });

  it("cover every simple command, each by some rule, or nothing", () => {
    const rules = [allow(["npm test"]), allow(["git status *"])];
    assert.equal(judged(rules, run("npm test")).decision, "allow");
    assert.equal(judged(rules, run("npm test", "git status -s")).decision, "allow");
    assert.equal(judged(rules, run("npm test", "curl x")).decision, "ask");
    assert.equal(judged(rules, run(simple("timeout 5 npm test", { wrapper: true }), "npm test")).decision, "allow");
    assert.equal(judged(rules, run("npm test", simple("ls", { effect: "reads" }))).decision, "allow");
    assert.equal(judged(rules, run("npm test x")).decision, "ask");
  });

  it("cover nothing that is in doubt, goes beyond the program, is redirected or reaches outside", () => {
    const rules = [allow(["rg *", "sort *", "cp *"])];
    assert.equal(judged(rules, { ...run("rg x"), certain: false }).decision, "ask");
    assert.equal(judged(rules, run(simple("rg --pre sh x", { beyond: ["--pre runs a program"] }))).decision, "ask");
    assert.equal(judged(rules, { ...run("sort a"), places: [place("out", "write", { redirected: true })] }).decision, "ask");
    for (const use of ["write", "read", "execute"] as const)
      assert.equal(judged(rules, { ...run("cp a /etc/b"), places: [place("/etc/b", use)] }).decision, "ask", use);
    const named = allow(["cp *"], { path: ["**", "/srv/**"] });
    const both = { ...run("cp a /srv/b"), places: [place("a", "read"), place("/srv/b", "write")] };
    assert.equal(judged([named], both).decision, "allow", "what a rule names by its path");
    assert.equal(judged([named], { ...both, places: [place("/etc/b", "write")] }).decision, "ask");
    assert.equal(
      judged(rules, { ...run("cp a .env"), places: [place("a", "read"), place(".env", "read", { minded: true })] }).decision,
      "ask",
    );
    assert.equal(judged(rules, { ...run("cp a b"), places: [place("a", "read"), place("b", "write")] }).decision, "allow");
  });

  it("hold paths and hosts besides commands", () => {
    const rules: Permission[] = [
      { effect: "deny", tool: "filesystem", id: "no-env", path: ["**/.env*", "/home/me/.ssh/**"] },
      { effect: "allow", tool: "web", host: ["docs.example.org", "*.dev.example.org"] },
    ];
    const read = { tool: "filesystem__read_file", access: { effect: "read", idempotent: true, timeoutMs: 1 } as const };
    assert.equal(judged(rules, { places: [place("sub/.env.local", "read")] }, read).rule, "no-env");
    assert.equal(judged(rules, { places: [place("sub/env.ts", "read")] }, read).decision, "allow");
    const link = place("sub/x", "read", { named: "/root/.env" });
    assert.equal(judged(rules, { places: [link] }, read).rule, "no-env", "a link by its own name");
    const fetch = { tool: "web__fetch", access: { effect: "read", idempotent: true, timeoutMs: 1 } as const };
    const to = (host: string): string => judged(rules, { network: true, hosts: [host] }, fetch).decision;
    assert.deepEqual(["docs.example.org", "a.dev.example.org", "DOCS.example.org."].map(to), ["allow", "allow", "allow"]);
    assert.deepEqual(["example.org", "docs.example.org.evil.net", "dev.example.org"].map(to), ["ask", "ask", "ask"]);
  });

  it("keep a file from commands, git and the editor too, where it is kept from the file tools", () => {
    const rules: Permission[] = [
      { effect: "deny", tool: "filesystem", id: "plans", path: ["plans/**"] },
      { effect: "deny", tool: "filesystem__write_file", id: "frozen", path: ["dist/**"] },
    ];
    const cat = run(simple("cat x", { effect: "reads" }));
    assert.equal(judged(rules, { ...cat, places: [place("plans/x", "read")] }).rule, "plans");
    assert.equal(judged(rules, { ...cat, places: [place("src/x", "read")] }).decision, "allow");
    assert.equal(judged(rules, { ...cat, places: [place("dist/x", "read")] }).decision, "allow", "it is kept from writing alone");
    const write = { ...run(simple("touch x", { effect: "writes" })), places: [place("dist/x", "write")] };
    assert.equal(judged(rules, write, { level: "bypass" }).rule, "frozen");
    const git = { tool: "git__show", access: { effect: "read", idempotent: true, timeoutMs: 1 } as const };
    assert.equal(judged(rules, { places: [place("plans/x", "read")] }, git).rule, "plans");
    assert.equal(judged(rules, { places: [place("plans/x", "read")] }, { ...git, tool: "other__tool" }).decision, "allow");
  });

  it("ask for what could not be read wherever a rule might mean it, at bypass too", () => {
    const deny: Permission[] = [{ effect: "deny", tool: "shell", command: ["rm *"] }];
    assert.equal(judged(deny, { ...run(), certain: false, text: "$x y" }, { level: "bypass" }).decision, "ask");
    assert.equal(judged(deny, { ...run("rm x"), certain: false }, { level: "bypass" }).decision, "deny");
    assert.equal(judged([], { ...run(), certain: false, text: "$x y" }, { level: "bypass" }).decision, "allow");
  });

  it("leave certain reads unasked at every level, and certain writes at assisted", () => {
    const reads = run(simple("cat a", { effect: "reads" }), simple("wc -l", { effect: "reads" }));
    const writes = { ...run(simple("mkdir x", { effect: "writes" })), places: [place("x", "write")] };
    for (const level of levels) assert.equal(judged([], reads, { level }).decision, "allow");
    assert.deepEqual(
      levels.map((level) => judged([], writes, { level }).decision),
      ["ask", "allow", "allow"],
    );
    const secret = { ...reads, places: [place(".env", "read", { minded: true })] };
    assert.equal(judged([], secret, { level: "assisted" }).rule, "secrets");
    assert.equal(judged([], { ...reads, places: [place("/etc/hosts", "read")] }).decision, "ask");
    assert.equal(judged([], { ...reads, network: true }).decision, "ask");
    assert.equal(judged([], reads, { writable: false }).decision, "allow", "a task that may only read may run what only reads");
    assert.equal(judged([], writes, { writable: false, level: "bypass" }).decision, "deny");
  });

  it("take for a check only what stands in the project's files, with nothing around it", () => {
    const says = (reach: Partial<Reach>): string | null => judged([], reach, { level: "assisted", checks: ["npm test"] }).rule;
    assert.equal(says(run("npm test")), "checks");
    assert.equal(says(run(simple("timeout 60 npm test", { wrapper: true }), "npm test")), "checks");
    assert.equal(says(run(simple("npm test", { beyond: ["LD_PRELOAD=x"] }))), "shell");
    assert.equal(says(run(simple("env LD_PRELOAD=x npm test", { wrapper: true, beyond: ["LD_PRELOAD=x"] }), "npm test")), "shell");
    assert.equal(says({ ...run("npm test"), places: [place("out", "write", { redirected: true })] }), "shell");
    assert.equal(says({ ...run("npm test"), places: [place("/etc/out", "write", { redirected: true })] }), "shell");
    assert.equal(says(run("npm test", "id")), "shell");
    assert.equal(says(run(simple("npm test", { aside: true }))), "shell", "another folder has other files");
    assert.equal(says(run("npm test", simple("tail -20", { effect: "reads" }))), "checks");
    assert.equal(says(run(simple("tee package.json", { effect: "writes" }), "npm test")), "shell", "they might be what it wrote");
    assert.equal(says({ ...run("npm test"), certain: false }), "shell");
  });

  it("ask again where no sandbox works, but for certain reads and what a rule allows", () => {
    const more = { unsandboxed: true, level: "assisted" as const, checks: ["npm test"] };
    assert.equal(judged([], run("npm test"), { ...more, unsandboxed: false }).decision, "allow");
    assert.equal(judged([], run("npm test"), more).decision, "ask");
    assert.match(judged([], run("npm test"), more).reasons[0]!, /no sandbox works here/);
    assert.equal(judged([], run(simple("ls", { effect: "reads" })), more).decision, "allow");
    assert.equal(judged([allow(["npm test"])], run("npm test"), more).decision, "allow");
    assert.equal(judged([], run("npm test"), { ...more, level: "bypass" }).decision, "allow");
  });

  it("let foreign text open no secrets and no hosts that nobody named", () => {
    const fetch = { tool: "web__fetch", access: { effect: "read", idempotent: true, timeoutMs: 1 } as const };
    const any: Permission[] = [{ effect: "allow", tool: "web" }];
    const to = (host: string, more: Partial<GuardInput>): Decision => judged(any, { network: true, hosts: [host] }, { ...fetch, ...more });
    const taint = ["web:evil.example"];
    assert.equal(to("evil.example", {}).decision, "allow", "before any foreign text was read");
    for (const level of levels) assert.equal(to("evil.example", { taint, level }).rule, "tainted", level);
    assert.equal(to("docs.example", { taint, named: ["docs.example"] }).decision, "allow");
    const trusted = [...any, { effect: "allow" as const, tool: "web", host: ["docs.example"] }];
    assert.equal(judged(trusted, { network: true, hosts: ["docs.example"] }, { ...fetch, taint }).decision, "allow");
    const secret = { places: [place(".env", "read", { minded: true })] };
    const read = { tool: "filesystem__read_file", access: { effect: "read", idempotent: true, timeoutMs: 1 } as const };
    assert.equal(judged([], secret, { ...read, taint, level: "bypass" }).rule, "tainted");
    assert.equal(
      judged([], { ...run("curl https://evil.example"), network: true, hosts: ["evil.example"] }, { taint, level: "bypass" }).rule,
      "tainted",
    );
    assert.equal(judged([], run(simple("ls", { effect: "reads" })), { taint }).decision, "allow", "ordinary work goes on");
  });

  it("score what could do more harm higher, and say why", () => {
    const risk = (reach: Partial<Reach>): number => judged([], reach).risk;
    const rising = [
      run(simple("ls", { effect: "reads" })),
      { ...run(simple("mkdir x", { effect: "writes" })), places: [place("x", "write")] },
      run("make"),
      { ...run("npm install x"), network: true },
      { ...run("git push origin"), network: true },
      { ...run("git push --force origin"), network: true, certain: false },
    ].map((reach) => risk(reach));
    assert.deepEqual(
      rising,
      rising.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(rising).size, rising.length);
    assert.match(judged([], { ...run("git push x"), network: true, hosts: ["h"] }).reasons.join(), /network \(h\).*public/);
    assert.match(judged([], { ...run("make"), places: [place("package.json", "write")] }).reasons.join(), /run later: package\.json/);
  });
});
