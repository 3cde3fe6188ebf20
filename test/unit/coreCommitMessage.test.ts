// Messages of commits, drafted from a record: the subject from what was asked, the body from what was handed in, evidence
// only for what was checked, trailers that git reads as such.

import assert from "node:assert/strict";
import { draftMessage, subjectOf } from "../../src/core/commitMessage.ts";
import type { TraceEvent } from "../../src/protocol/events.ts";
import type { SessionState } from "../../src/protocol/state.ts";

describe("the subject of a commit", () => {
  const cases: [string, string][] = [
    ["please fix the login page.", "Fix the login page"],
    ["Can you, please add a `--json` flag? It should print objects.", "Add a --json flag"],
    ["## add tests\nfor the parser", "Add tests for the parser"],
    ["Bump to v1.2 of the API", "Bump to v1.2 of the API"],
    ["", "Changes by agents"],
    ["x".repeat(100), `X${"x".repeat(70)}…`],
  ];
  for (const [asked, subject] of cases) it(`of ${JSON.stringify(asked.slice(0, 40))}`, () => assert.equal(subjectOf(asked), subject));

  const long: [string, string][] = [
    ["Rewrite the importer so that each of the many formats it knows is read by a module of its own", "Rewrite the importer"],
    [
      "add a discount to the cart, with tests for each of the rules that the shop has, and describe it in the README",
      "Add a discount to the cart",
    ],
    [
      "Add a fast, small parser of durations to the library, which throws on anything that it cannot read",
      "Add a fast, small parser of durations to the library",
    ],
    [
      "Let the list of customers be sorted by name and city and country and street in both of the views",
      "Let the list of customers be sorted by name and city and country",
    ],
    [
      "If the token of a customer has expired, send them to the page on which they log in again, with a notice",
      "If the token of a customer has expired, send them to the page on which…",
    ],
    [
      "Rename customerNumber to customerId throughout every module that the web shop has (not the API)",
      "Rename customerNumber to customerId throughout every module that the…",
    ],
  ];
  for (const [asked, subject] of long)
    it(`is a whole phrase of 72 characters at most, or says that it is cut: ${subject}`, () => assert.equal(subjectOf(asked), subject));

  it("has no more room after what stands before it", () =>
    assert.equal(
      subjectOf("Sort the customers of the web shop by their names, and the orders by date", "Take out in part: "),
      "Take out in part: Sort the customers of the web shop by their names",
    ));
});

describe("the message of a commit", () => {
  const state = { id: "s_1", goal: "Add it", config: { agent: "coordinator" }, tasks: { t_1: { assignedAgent: "code-generation" } } };
  const events = (of: [string, object, string?][]): TraceEvent[] =>
    of.map(([type, payload, taskId], i) => ({ type, payload, taskId, seq: i + 1 }) as unknown as TraceEvent);
  const receipt = { receiptId: "p_1", kind: "test", command: "npm test", exitCode: 0, outputHash: "sha256:0", tree: "T", durationMs: 1 };
  const run = (more: [string, object, string?][] = []): TraceEvent[] =>
    events([
      ["run.started", { prompt: "Add it, and tell nobody" }],
      ["turn.ended", { model: "demo", stop: "end" }, "t_1"],
      ["task.updated", { status: "done", output: { summary: "Added it.\n\nWith care." } }, "t_1"],
      ["work.merged", { commit: "c", files: ["a"], conflicts: [] }, "t_1"],
      ...more,
      ["landing.done", { decision: "applied", commit: "c", files: ["a"], conflicts: [] }],
    ]);
  const given = { tree: "T", files: ["a"], required: [], exact: true, waits: false, undoes: false, besides: 0, joined: [], trailers: true };
  const draft = (all: TraceEvent[], more: object = {}): string =>
    draftMessage(state as unknown as SessionState, all, { ...given, landings: [all.length], ...more });
  const trailers = "Agent-Session: s_1\nAssisted-by: code-generation (demo)";

  it("tells what was done and that nothing was proven", () =>
    assert.equal(
      draft(run()),
      `Add it, and tell nobody\n\n- Added it. With care.\n\nThis is unproven: no check ran on exactly what is committed here.\n\n${trailers}`,
    ));

  it("names a check only where it ran on what is committed, and was not tampered with", () => {
    const proven = run([["receipt.issued", receipt]]);
    assert.match(draft(proven), /\n\nProven by npm test \(exit 0\) on exactly these files\.\n\n[^]*\nChecked-by: npm test \(exit 0\)$/);
    assert.match(draft(proven, { besides: 2 }), /\(exit 0\) on the session's result; 2 other files there\sdiffer from this commit/);
    for (const [all, more, says] of [
      [proven, { exact: false }, /the checks ran on files with other\suncommitted edits/],
      [proven, { tree: "other" }, /only\son another state of the files/],
      [run([["receipt.issued", { ...receipt, altered: true }]]), {}, /an agent changed what npm test does/],
      [proven, { joined: [{ path: "a", lost: false }] }, /joined by hand: no check was run on what a holds now/],
    ] as const) {
      assert.match(draft(all, more), says);
      assert.doesNotMatch(draft(all, more), /Checked-by|Proven/);
    }
  });

  it("is proven only where all that has to pass has passed on exactly this; what fails on it is said, and checked nothing", () => {
    const lint = { ...receipt, receiptId: "p_2", kind: "lint", command: "npm run  lint" };
    const required = [receipt, lint].map(({ kind, command }) => ({ kind, command }));
    const of = (...receipts: object[]): TraceEvent[] => run(receipts.map((one) => ["receipt.issued", one]));
    const both = draft(of(receipt, lint), { required });
    assert.match(both, /\n\nProven by npm test \(exit 0\) and npm run lint \(exit 0\) on exactly these\sfiles\.\n/);
    assert.match(both, /\nChecked-by: npm test \(exit 0\)\nChecked-by: npm run lint \(exit 0\)$/);
    for (const [receipts, more, says] of [
      [[{ ...receipt, exitCode: 1 }], {}, /\n\nThis is unproven: npm test fails on these files\.\n/],
      [[{ ...receipt, exitCode: 1 }], { besides: 1 }, /unproven: npm test fails on the session's result\.\n/],
      [[receipt, { ...lint, exitCode: 2 }], { required }, /unproven: npm run lint fails on these files; npm test\s\(exit 0\)\spassed\.\n/],
      [
        [receipt, { ...receipt, command: "npm run test:all", exitCode: 1 }],
        { required: required.slice(0, 1) },
        /unproven: npm run test:all fails/,
      ],
      [[receipt], { required }, /unproven: npm run lint did not run on these files, and has to\spass; npm test \(exit 0\) passed\.\n/],
      [[receipt, { ...lint, tree: "other" }], { required }, /unproven: npm run lint did not run on these files/],
    ] as const) {
      const message = draft(of(...receipts), more);
      assert.match(message, says);
      assert.doesNotMatch(message, /Proven|Checked-by: npm run lint|\(exit [12]\)/);
    }
    const besides = draft(of(receipt, { ...lint, exitCode: 2 }), { required: required.slice(0, 1) });
    assert.match(besides, /Proven by npm test \(exit 0\) on exactly these files; npm run lint fails\son these files\.\n/);
    const parts: [string, object][] = [
      ["landing.proposed", { tree: "whole" }],
      ["receipt.issued", { ...receipt, tree: "whole" }],
      ["landing.part", { decision: "applied", parts: [{ path: "a" }] }],
    ];
    assert.match(draft(run(parts)), /unproven: only parts of the result were taken: its checks passed\son the whole/);
  });

  it("tells of no step, agent or model whose work is not in it, and of a step that is in it only in part", () => {
    const doing = (taskId: string, agent: string, summary: string, files: string[], more: object = {}): [string, object, string][] => [
      ["turn.ended", { model: `model of ${agent}`, stop: "end" }, taskId],
      ["task.updated", { status: "done", output: { summary } }, taskId],
      ["work.merged", { commit: "c", files, conflicts: [], ...more }, taskId],
    ];
    const tasks = {
      t_1: { assignedAgent: "code-generation" },
      t_2: { assignedAgent: "testing" },
      t_3: { assignedAgent: "docs", undone: true },
      t_4: { assignedAgent: "below", parentId: "t_3" },
      t_5: { assignedAgent: "clashed" },
      t_6: { assignedAgent: "both" },
    };
    const all = run([
      ...doing("t_2", "testing", "Wrote a.test", ["a.test"]),
      ...doing("t_3", "docs", "The README says it", ["a"]),
      ...doing("t_4", "below", "Helped with it", ["a"], { into: "t_3" }),
      ...doing("t_5", "clashed", "Could not be joined", ["a"], { conflicts: ["a"] }),
      ...doing("t_6", "both", "Did two things.", ["a", "b"]),
    ]);
    const message = draftMessage({ ...state, tasks } as unknown as SessionState, all, { ...given, landings: [all.length] });
    assert.match(message, /\n\n- Added it\. With care\.\n- Did two things\. \(Of this, the commit holds a\.\)\n\n/);
    assert.match(message, /\nAssisted-by: code-generation, both \(demo, model of both\)$/);
    assert.doesNotMatch(draft(run(), { joined: [{ path: "a", lost: true }] }), /Added it|Assisted-by/, "removed by the person");
    assert.doesNotMatch(draft(run(), { undoes: true }), /- Added it|Assisted-by/);
  });

  it("speaks only of what came after the result before it", () => {
    const before = events([
      ["run.started", { prompt: "Something else" }],
      ["landing.done", { decision: "applied" }],
    ]);
    const all = [...before, ...run().map((event) => ({ ...event, seq: event.seq + 2 }))];
    assert.doesNotMatch(draft(all, { landings: [all.length] }), /Something else/);
  });

  it("takes a person's words as they are; trailers join theirs, or are left out", () => {
    const signed = "My words\n\nSigned-off-by: A Person <person@example.org>";
    assert.equal(draft(run(), { message: signed }), `${signed}\n${trailers}`);
    assert.equal(draft(run(), { message: "My words" }), `My words\n\n${trailers}`);
    assert.equal(draft(run(), { message: "My words", trailers: false }), "My words");
  });
});
