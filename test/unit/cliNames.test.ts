// Names of files are data from strangers: on a terminal they show what they are and move nothing.

import assert from "node:assert/strict";
import { fileNames } from "../../src/cli/format.ts";
import { eventLine } from "../../src/cli/render/eventLine.ts";
import type { EventOf } from "../../src/protocol/events.ts";
import type { SessionState } from "../../src/protocol/state.ts";

const name = "x\u001b[2J\u202egpj\nrun done.exe";

describe("names of files on a terminal", () => {
  it("hold no control characters and make no line of their own", () => {
    const event = {
      type: "landing.done",
      id: "s#1",
      runId: "r_1",
      sessionId: "s",
      actor: "user",
      timestamp: "",
      seq: 1,
      payload: { commit: "c", decision: "applied", files: [name], conflicts: [] },
    } satisfies EventOf<"landing.done">;
    for (const text of [fileNames([name, "b"]), eventLine(event, {} as SessionState)!]) {
      assert.doesNotMatch(text, /[\p{Cc}\p{Cf}]/u);
      assert.match(text, /gpj⟨U\+000A⟩run done\.exe/);
    }
  });
});
