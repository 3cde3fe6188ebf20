// What is set aside of a long conversation, what becomes of older turns where the model sums up and where it does not, what
// stays word for word, and what an agent can recall.

import assert from "node:assert/strict";
import { createAccount, estimateTokens } from "../../src/core/contextWindow.ts";
import { briefOf } from "../../src/core/context.ts";
import type { ModelRequest } from "../../src/core/ports.ts";
import type { TaskState } from "../../src/protocol/state.ts";
import { type EventOf, isKnown, type SessionConfig, type TraceEvent } from "../../src/protocol/events.ts";
import { noUsage } from "../../src/protocol/state.ts";
import { longModel, note, notes, reader } from "../support/longWork.ts";
import { createWorld, type Reply, roomyBudget, runGoal } from "../support/world.ts";

const window = 10_000;
const config = { agent: "reader", budget: { ...roomyBudget, tokens: 100_000_000, turns: 2_000 } };
const words = "I weigh what it says. ".repeat(8);
const read = (n: number): Reply => ({
  text: `Now number ${n}. ${words}`,
  calls: [{ tool: "filesystem__read_file", arguments: { path: `notes/${n}.txt` } }],
});

type Compacted = EventOf<"context.compacted">["payload"];
const compactions = (events: TraceEvent[]): Compacted[] =>
  events.flatMap((event) => (isKnown(event) && event.type === "context.compacted" ? [event.payload] : []));

type Played = { events: TraceEvent[]; status: string; texts: string[] };

async function play(options: {
  turns: number;
  next?: (n: number, request: ModelRequest, say: (text: string) => Promise<unknown>) => Reply | undefined | Promise<Reply | undefined>;
  summary?: () => Reply;
  more?: Partial<Parameters<typeof createWorld>[0]>;
  settings?: Partial<SessionConfig>;
}): Promise<Played> {
  const say = async (text: string): Promise<unknown> => {
    const [{ id: sessionId } = { id: "" }] = await world.store.listSessions({ limit: 1 });
    return world.engine.dispatch({ type: "message.send", sessionId, text, by: "user" });
  };
  const texts: string[] = [];
  const played = longModel({
    window,
    see: (text) => texts.push(text),
    next: async (n, request) => (await options.next?.(n, request, say)) ?? (n < options.turns ? read(n) : { text: "All notes are read." }),
    ...(options.summary ? { summary: options.summary } : {}),
  });
  const world = await createWorld({ files: notes(options.turns, 1_200), window, model: played.model, agents: [reader], ...options.more });
  const { sessionId, events } = await runGoal(world, "Read all the notes.", { ...config, ...options.settings });
  const status = (await world.engine.state(sessionId))!.status;
  return { events, status, texts };
}

describe("an estimate of tokens", () => {
  it("counts letters that are no Latin ones as more", () => {
    assert.equal(estimateTokens("a".repeat(400)), 100);
    assert.equal(estimateTokens("ж".repeat(400)), 200);
    assert.equal(estimateTokens("字".repeat(400)), 400);
  });

  it("follows the provider's own figure, and adds an estimate for what came since", () => {
    const account = createAccount({ instructions: 1_000 });
    account.add("conversation", 1_000);
    assert.deepEqual([account.tokens, account.isCounted], [2_000, false]);
    account.asked();
    account.told({ input: 500, output: 9_999, cacheRead: 2_400, cacheWrite: 100 });
    assert.deepEqual([account.tokens, account.isCounted], [3_000, true]);
    account.add("results", 100);
    assert.equal(account.tokens, 3_150);
    account.restart();
    assert.equal(account.tokens, 1_500);
    const { parts } = account.figures(200_000);
    assert.equal(
      Object.values(parts).reduce((sum, one) => sum + one, 0),
      1_500,
    );
  });

  it("does not believe a server that tells only what was not in its cache", () => {
    const account = createAccount({ instructions: 4_000 });
    account.asked();
    account.told({ ...noUsage, input: 40, output: 5 });
    assert.deepEqual([account.tokens, account.isCounted], [4_000, false]);
  });
});

describe("results that are set aside", () => {
  it("are old ones, many at once; what was refused and the newest run of a check that fails stay", async () => {
    const failure = `12 failing\n${"at line of the test\n".repeat(80)}`;
    const { events, texts, status } = await play({
      turns: 24,
      next: (n) =>
        n === 1 || n === 3 ? { calls: [{ tool: "shell__run", arguments: { command: n === 1 ? "npm test" : "npm run lint" } }] } : undefined,
      more: {
        shell: (command) =>
          command === "npm test"
            ? { ok: true, content: failure, details: { exitCode: 1, durationMs: 1 } }
            : { ok: true, content: failure.replace("failing", "warnings"), details: { exitCode: 0, durationMs: 1 } },
      },
    });
    assert.equal(status, "done");
    const [first] = compactions(events);
    assert.equal(first?.how, "results");
    assert.ok(first.dropped.length >= 4, String(first.dropped.length));
    assert.ok(first.dropped.some(({ about }) => about === "npm run lint"));
    assert.ok(!first.dropped.some(({ about }) => about === "npm test"));
    assert.ok(texts.at(-1)!.includes("12 failing"), "the check that fails is forgotten");
    assert.ok(!texts.at(-1)!.includes("12 warnings"));
    assert.deepEqual(
      first.dropped.map(({ item }) => item),
      first.dropped.map((_, i) => i + 1),
    );
  });
});

describe("older turns", () => {
  const faults: [string, Reply, RegExp][] = [
    ["gives nothing", { text: " " }, /gave no summary/],
    [
      "calls a tool",
      { text: "First I look.", calls: [{ tool: "filesystem__read_file", arguments: { path: "notes/1.txt" } }] },
      /gave no summary/,
    ],
    ["writes more than it replaces", { text: "blah ".repeat(30_000) }, /too long/],
    [
      "refuses",
      { kind: "answer", content: [{ type: "text", text: "No." }], calls: [], stop: "refusal", usage: noUsage, costUsd: 0, model: "m" },
      /refused to sum up/,
    ],
    [
      "fails",
      { kind: "failed", code: "bad_request", message: "no such thing", retryable: false, usage: noUsage, costUsd: 0 },
      /no summary: no such thing/,
    ],
  ];
  for (const [title, summary, why] of faults)
    it(`are listed by code where the model ${title}, and the session goes on`, async () => {
      const { events, texts, status } = await play({ turns: 90, summary: () => summary });
      assert.equal(status, "done");
      const digests = compactions(events).filter(({ how }) => how !== "results");
      assert.ok(digests.length > 0);
      for (const one of digests) {
        assert.equal(one.how, "digest");
        assert.match(one.why ?? "", why);
        assert.match(one.text ?? "", /filesystem__read_file notes\/\d+\.txt → ok/);
      }
      for (const text of texts) assert.ok(text.includes("Read all the notes."));
    });

  it("are summed up by a turn that is on record with its cost, and named in the ledger", async () => {
    const { events, texts } = await play({ turns: 90 });
    const summed = compactions(events).find(({ how }) => how === "summary")!;
    const turn = events.find(
      (event): event is EventOf<"turn.ended"> => isKnown(event) && event.type === "turn.ended" && event.payload.turnId === summed.turnId,
    );
    assert.equal(turn?.payload.purpose, "summary");
    assert.ok((turn.payload.costUsd ?? 0) > 0);
    assert.match(summed.text ?? "", /^I have read the notes up to number \d+/);
    assert.ok(texts.at(-1)!.includes("# What happened so far"));
  });

  it("keep word for word what a person said and what was refused, also when they are summed up again and again", async () => {
    const { texts, events, status } = await play({
      turns: 200,
      next: async (n, _request, say) => {
        if (n === 2) await say("The lamp stays green.");
        return n === 3 ? { calls: [{ tool: "shell__run", arguments: { command: "rm -rf lamp" } }] } : undefined;
      },
      settings: { level: "default", ask: false },
    });
    assert.equal(status, "done");
    assert.ok(compactions(events).filter(({ how }) => how === "summary").length >= 3);
    for (const text of texts.slice(5)) {
      assert.ok(text.includes("The user says: The lamp stays green."));
      assert.ok(text.includes("Refused: nobody can be asked"));
    }
    assert.equal(texts.at(-1)!.split("The lamp stays green.").length, 2, "it stands there more than once");
  });

  it("cannot be summed up where people said more than the window holds: that ends with the figures", async () => {
    const { status, events } = await play({
      turns: 200,
      next: async (n, _request, say) => {
        if (n % 5 === 0) await say(`Mind this as well, number ${n}: ${"take care. ".repeat(200)}`);
        return undefined;
      },
    });
    assert.equal(status, "failed");
    const end = events.findLast((event) => isKnown(event) && event.type === "run.ended");
    assert.match((end as EventOf<"run.ended">).payload.reason ?? "", /too many for the 10000 of/);
  });
});

describe("what was set aside", () => {
  const lastResult = ({ messages }: ModelRequest): string => {
    const last = messages.at(-1);
    return last?.role === "results" ? last.results.map(({ result }) => result.content).join("\n") : "";
  };
  const recall = (args: object): Reply => ({ calls: [{ tool: "agents__recall", arguments: args }] });

  it("is listed, found and shown again in pages; what is not there is refused with what is", async () => {
    const asked = [
      recall({}),
      recall({ find: "notes/3.txt" }),
      recall({ item: 4 }),
      recall({ item: 4, offset: 1_000 }),
      recall({ item: 999 }),
      recall({ item: 0 }),
    ];
    const heard: string[] = [];
    const turns = 30;
    await play({
      turns,
      next: (n, request) => {
        if (n > turns) heard.push(lastResult(request));
        return n >= turns ? asked[n - turns] : undefined;
      },
    });
    const [list = "", found = "", whole = "", page = "", missing = "", brief = ""] = heard;
    assert.match(list, /^(\d+) of \1 entries set aside; item shows one of them\.\n#1 filesystem__read_file notes\/0\.txt/);
    assert.match(found, /contain "notes\/3\.txt".*\n#4 filesystem__read_file notes\/3\.txt \(\d+ tokens\)$/);
    assert.equal(whole, `filesystem__read_file {"path":"notes/3.txt"}\n${note(3, 1_200)}`);
    assert.equal(page, whole.slice(1_000));
    assert.match(missing, /^There is no entry 999: the entries are 1 to \d+\.$/);
    assert.match(brief, /^Read all the notes\./);
  });
});

describe("what a task is given", () => {
  const task = (sections: { title: string; text: string }[]): TaskState =>
    ({ goal: "Judge it.", input: { sections } }) as unknown as TaskState;
  const store = { getArtifact: () => Promise.resolve(undefined) };

  it("gives way from the longest section on where it is too long, and says that the whole can be recalled", async () => {
    const sections = [
      { title: "The change", text: "d".repeat(8_000) },
      { title: "The user's goal", text: "Make it faster." },
      { title: "Findings", text: "f".repeat(2_000) },
    ];
    const whole = await briefOf(store, task(sections));
    assert.ok(whole.includes("d".repeat(8_000)));
    const cut = await briefOf(store, task(sections), [], 1_200);
    assert.ok(cut.startsWith("Judge it.") && cut.includes("Make it faster.") && cut.includes("f".repeat(2_000)));
    assert.ok(!cut.includes("d".repeat(3_000)));
    assert.match(cut, /\d+ more characters are left out for their length; agents__recall \{"item": 0\}/);
    assert.ok(estimateTokens(cut) < 1_350);
  });
});
