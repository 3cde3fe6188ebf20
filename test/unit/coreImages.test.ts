// Images that a person attaches: seen by the agents that make something of them, named by hash on the record, and not
// counted as if they were text.

import assert from "node:assert/strict";
import type { ImageBlock } from "../../src/protocol/events.ts";
import type { ModelRequest } from "../../src/core/ports.ts";
import { cast, goodReviewers, hand, planOf, write } from "../golden/golden.ts";
import { configWith, createWorld } from "../support/world.ts";

const data = "iVBORw0KGgo=".repeat(100_000);
const imagesIn = (request: ModelRequest): ImageBlock[] =>
  request.messages.flatMap((message) => (message.role === "user" ? message.content.filter((block) => block.type === "image") : []));

describe("images that a person attaches", () => {
  it("reach planner and writers, stay out of reviews, and of the record but for their hash", async () => {
    const seen: Record<string, number> = {};
    const note = (request: ModelRequest & { agent?: string }): void => {
      const agent = /^agent: (\S+)/.exec(request.system)![1]!;
      seen[agent] = imagesIn(request).length;
    };
    const reply = cast({
      planning: [planOf({ id: "page", type: "generate", goal: "Write page.ts", language: "typescript" })],
      typescript: [{ calls: [write("page.ts", "export const page = 1;\n")] }, hand({ summary: "written" })],
      coordinator: [{ text: "All is done." }],
      "unit-test": [hand({ summary: "no tests" })],
      ...goodReviewers,
    });
    const world = await createWorld({
      model: (request, signal) => {
        note(request);
        return reply(request, signal);
      },
    });
    const { hash } = await world.store.putArtifact(data);
    const images = [{ artifact: hash, mediaType: "image/png", label: "sketch.png" }];
    const goal = "Build the page that the sketch shows, with tests and docs, over several files: a.ts, b.ts, c.ts";
    const created = await world.engine.dispatch({
      type: "session.create",
      goal,
      workspace: "/user",
      config: configWith({ apply: true }),
      images,
    });
    assert.ok(created.ok);
    const { sessionId } = created.value;
    const ran = await world.engine.dispatch({ type: "session.run", sessionId });
    assert.ok(ran.ok && ran.value.status === "done", JSON.stringify(ran));
    assert.equal(seen["planning"], 1);
    assert.equal(seen["typescript"], 1);
    for (const [agent, count] of Object.entries(seen)) if (agent.endsWith("-review")) assert.equal(count, 0, agent);
    const log = JSON.stringify(await world.store.read(sessionId));
    assert.ok(log.includes(hash) && !log.includes("iVBORw0KGgo"));

    const further = await world.engine.dispatch({ type: "session.run", sessionId, prompt: "What is README.md for?" });
    assert.ok(further.ok);
    assert.equal(seen["coordinator"], 0, "an image belongs to the prompt that it came with");
  });
});
