// A conversation that outgrows its model's window, over the wire: a server refuses what is too long, as the real one does,
// and the work goes on all the same. Its window is smaller than what is known of the model, so that only the refusal tells.

import assert from "node:assert/strict";
import { isKnown } from "../../src/protocol/events.ts";
import { createHome, type Home, sessionIn } from "../support/ao.ts";
import { type FakeModelServer, type FakeRequest, type Reply, startFakeModelServer } from "../support/fakeModelServer.ts";
import { note, notes } from "../support/longWork.ts";

const window = 30_000;
const count = 45;
const goal = "Read all the notes. CONSTRAINT-17: the release stays at 4.2.";

const tokensIn = ({ body }: FakeRequest): number => Math.ceil(JSON.stringify(body).length / 4);

/** The reader's next step as a function of what it is shown. */
function next(text: string): Reply {
  const read = [...text.matchAll(/Now number (\d+)|up to number (\d+)/g)].map((found) => Number(found[1] ?? found[2]));
  const n = Math.max(-1, ...read) + 1;
  if (text.includes("Your conversation is becoming too long")) return { text: `I have read the notes up to number ${n - 1}.` };
  if (n < count) return { text: `Now number ${n}.`, calls: [{ tool: "filesystem__read_file", arguments: { path: `notes/${n}.txt` } }] };
  if (!text.includes("filesystem__read_file notes/0.txt ("))
    return { calls: [{ tool: "agents__recall", arguments: { find: "notes/0.txt" } }] };
  if (!text.includes(note(0, 3_000))) return { calls: [{ tool: "agents__recall", arguments: { item: 1 } }] };
  return {
    calls: [{ tool: "agents__submit_result", arguments: { status: "done", summary: "All notes are read, and the first one again." } }],
  };
}

describe("ao, when a conversation outgrows the window", () => {
  let home: Home;
  let server: FakeModelServer;

  beforeEach(async () => {
    home = createHome({ ANTHROPIC_API_KEY: "key" });
    server = await startFakeModelServer((request) => {
      const tokens = tokensIn(request);
      if (tokens > window) {
        const message = `prompt is too long: ${tokens} tokens > ${window} maximum`;
        return { fault: { kind: "status", status: 400, type: "invalid_request_error", message } };
      }
      return { ...next(JSON.stringify(request.body)), usage: { input: 10, cacheRead: tokens - 10 } };
    });
  });

  afterEach(async () => {
    await server.close();
    home.remove();
  });

  it("goes on after the server's refusal, forgets nothing that counts, and shows what was set aside", async () => {
    const project = home.project(notes(count, 3_000));
    const args = [
      "run",
      goal,
      "--workspace",
      project,
      "--agent",
      "typescript",
      "--model",
      "anthropic:claude-haiku-4-5",
      "--level",
      "bypass",
    ];
    const ended = await home.ao(args, { ANTHROPIC_BASE_URL: server.url });
    assert.equal(ended.code, 0, ended.stdout + ended.stderr);
    assert.match(ended.stdout, /All notes are read, and the first one again/);
    const refused = server.requests.filter((request) => tokensIn(request) > window);
    assert.ok(refused.length >= 1 && refused.length <= 2, `${refused.length} requests were refused`);
    for (const { body } of server.requests) assert.ok(JSON.stringify(body).includes(goal), "the goal is forgotten");
    const session = sessionIn(ended);
    const events = (await home.events(session)).filter(isKnown);
    assert.ok(events.some(({ type }) => type === "context.compacted"));
    const trace = await home.ao(["trace", session]);
    assert.match(trace.stdout, /\d+ older results set aside, \d+k → [\d.]+k tokens/);
  });
});
