// The guard's table: level × effect × reach → decision. The floor holds at every level.

import assert from "node:assert/strict";
import { decide, type GuardInput } from "../../src/core/guard.ts";
import type { Reach } from "../../src/core/ports.ts";
import { levels } from "../../src/protocol/agents.ts";
import { compileRule } from "../../src/core/rules.ts";
import { nowhere, place, simple } from "../support/reach.ts";

function input(effect: GuardInput["access"]["effect"], change: Partial<GuardInput> = {}, reach: Partial<Reach> = {}): GuardInput {
  return {
    tool: effect === "execute" ? "shell__run" : "server__tool",
    access: { effect, idempotent: false, timeoutMs: 1000 },
    writable: true,
    level: "default",
    yesTo: [],
    checks: ["npm test"],
    rules: [],
    taint: [],
    named: [],
    paths: [],
    ...change,
    reach: { ...nowhere, ...reach },
  };
}

const command = (text: string): Partial<Reach> => ({ commands: [simple(text)] });

describe("guard", () => {
  it("decides by level and effect", () => {
    const table: [name: string, effect: GuardInput["access"]["effect"], reach: Partial<Reach>, byLevel: [string, string, string]][] = [
      ["reads", "read", {}, ["allow", "allow", "allow"]],
      ["reads a secret", "read", { places: [place(".env", "read", { minded: true })] }, ["ask", "ask", "allow"]],
      ["flow", "control", {}, ["allow", "allow", "allow"]],
      ["writes", "write", {}, ["ask", "allow", "allow"]],
      ["the project's check", "execute", command("npm test"), ["ask", "allow", "allow"]],
      [
        "a check and more",
        "execute",
        {
          commands: [simple("npm test"), simple("rm x")],
        },
        ["ask", "ask", "allow"],
      ],
      ["a check that is not surely one", "execute", { ...command("npm test"), certain: false }, ["ask", "ask", "allow"]],
      ["another command", "execute", command("npm install"), ["ask", "ask", "allow"]],
      ["nothing that could be parsed", "execute", { certain: false }, ["ask", "ask", "allow"]],
    ];
    for (const [name, effect, reach, expected] of table)
      assert.deepEqual(
        levels.map((level) => decide(input(effect, { level }, reach)).decision),
        expected,
        name,
      );
  });

  it("holds the floor at every level, whatever was accepted beforehand", () => {
    const yesTo = ["writes", "shell", "checks", "secrets"];
    const floors: [rule: string, GuardInput][] = [
      ["floor-read-only", input("write", { writable: false, yesTo })],
      ["floor-read-only", input("execute", { writable: false, yesTo }, command("npm test"))],
      ["floor-outside", input("read", { yesTo }, { places: [place("/etc/passwd", "read")] })],
      ["floor-outside", input("write", { yesTo }, { places: [place("/etc/passwd", "read")] })],
      ["floor-protected", input("write", { yesTo }, { places: [place(".git/config", "write", { minded: true })] })],
      ["floor-destructive", input("execute", { yesTo }, command("rm -rf /"))],
      ["floor-destructive", input("execute", { yesTo }, command("rm -rf ~"))],
      ["floor-destructive", input("execute", { yesTo }, command("mkfs.ext4 /dev/sda"))],
      ["floor-destructive", input("execute", { yesTo }, command("dd if=x of=/dev/sda"))],
      ["floor-destructive", input("execute", { yesTo }, command("wipefs -a /dev/sda"))],
      ["floor-destructive", input("execute", { yesTo }, command("chmod -R 777 /"))],
      ["floor-destructive", input("execute", { yesTo }, command("chown me -R ~"))],
      ["floor-own-answer", input("execute", { yesTo }, command("ao approve a_1"))],
      ["floor-own-answer", input("execute", { yesTo }, command("ao policy accept .agents/policy.yaml"))],
      ["floor-destructive", input("execute", { yesTo }, { commands: [simple("ls"), simple("rm -r /")] })],
    ];
    for (const level of levels)
      for (const [rule, one] of floors) {
        const decision = decide({ ...one, level });
        assert.equal(decision.decision, "deny", `${rule} at ${level}`);
        assert.equal(decision.rule, rule);
        assert.ok(decision.reasons.length > 0 && decision.risk >= 60);
      }
  });

  it("takes a rule that was accepted beforehand for a yes, and no other", () => {
    assert.equal(decide(input("write", { yesTo: ["writes"] })).decision, "allow");
    assert.equal(decide(input("write", { yesTo: ["shell"] })).decision, "ask");
    assert.equal(decide(input("execute", { yesTo: ["checks"] }, command("npm test"))).decision, "allow");
    assert.equal(decide(input("execute", { yesTo: ["checks"] }, command("npm run deploy"))).decision, "ask");
    assert.match(decide(input("write", { yesTo: ["writes"] })).reasons[0]!, /accepted beforehand/);
  });

  it("gives more risk to what can do more", () => {
    const risk = (one: GuardInput): number => decide(one).risk;
    const rising = [
      input("read"),
      input("write"),
      input("execute", {}, command("npm test")),
      input("execute", {}, command("npm install")),
      input("execute", {}, { ...command("curl x"), network: true }),
      input("write", {}, { places: [place(".git", "write", { minded: true })] }),
      input("execute", {}, command("rm -rf /")),
    ].map(risk);
    assert.deepEqual(
      rising,
      rising.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(rising).size, rising.length);
  });

  it("refuses what destroys, wherever it stands in a command", () => {
    const says = (text: string): string => decide(input("execute", { level: "bypass" }, { certain: false, text })).decision;
    for (const text of [
      "rm -rf /",
      "true; rm -rf / --no-preserve-root",
      "sudo rm -fr /home",
      "cd x && rm -r ~",
      'rm -rf "$HOME"',
      "rm -rf /*",
      "mkfs.ext4 /dev/sda1",
      "dd if=/dev/zero of=/dev/sda",
      ":(){ :|:& };:",
      "bomb() { bomb | bomb & }; bomb",
    ])
      assert.equal(says(text), "deny", text);
    for (const text of [
      "rm -rf node_modules",
      "rm -rf ./dist",
      "rm /tmp/x.txt",
      "rm -rf /home/me/project/dist",
      "git rm -r docs",
      "echo rm -rf dist",
      "dd if=a of=b",
    ])
      assert.equal(says(text), "allow", text);
  });

  it("keeps what an agent's own blueprint forbids or wants asked, at bypass too", () => {
    const permissions = [
      { effect: "deny" as const, tool: "filesystem__*", path: ["**/secret/**"] },
      { effect: "ask" as const, tool: "shell", command: ["git push *"] },
    ];
    const says = (tool: string, effect: "write" | "execute", more: Partial<GuardInput>, reach: Partial<Reach> = {}): string =>
      decide(input(effect, { level: "bypass", tool, rules: permissions.map(compileRule), ...more }, reach)).decision;
    assert.equal(says("filesystem__write_file", "write", { paths: ["a/secret/b"] }), "deny");
    assert.equal(says("filesystem__write_file", "write", { paths: ["a/b"] }), "allow");
    assert.equal(says("shell__run", "execute", {}, command("git push origin")), "ask");
    assert.equal(says("shell__run", "execute", {}, command("git status")), "allow");
    assert.equal(says("shell__run", "execute", {}, { certain: false }), "ask", "what cannot be read might be what is meant");
  });
});
