// A secret that turns up everywhere in a run (goal, rules, files, commands, the model's own words, errors) is found
// afterwards nowhere: not in what models were sent, not on a screen, not in the data folder. A real runtime, a real
// project, a model server over a socket.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { EventOf } from "../../src/protocol/events.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { createRuntime } from "../../src/runtime/runtime.ts";
import { main } from "../../src/cli/main.ts";
import type { Io } from "../../src/cli/command.ts";
import { type FakeModelServer, startFakeModelServer } from "../support/fakeModelServer.ts";
import { commitAll, writeFiles } from "../support/gitProject.ts";
import { makeTempDir } from "../support/tempDir.ts";
import { configWith } from "../support/world.ts";

const secret = ["sup3r", "hidden", "VALUE", "of", "the+team/1"].join("-");
const looksLikeOne = ["gh", "p_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].join("");
const encoded = Buffer.from(secret).toString("base64");
const forms = [secret, encoded.slice(0, -4), encodeURIComponent(secret), looksLikeOne];
const harmless = "0123456789abcdef0123456789abcdef01234567";

describe("a secret", () => {
  let runtime: Runtime;
  let server: FakeModelServer;
  const dir = makeTempDir("secrets");
  const project = join(dir.path, "project");
  const data = join(dir.path, "data");
  const env = { ...process.env, AO_DATA_DIR: data, TEAM_TOKEN: secret, ANTHROPIC_API_KEY: `${secret}-too` };
  const shown: string[] = [];
  const deltas: string[] = [];

  before(async () => {
    writeFiles(project, {
      "README.md": `# Sample\nkey: ${secret}\nor ${looksLikeOne}\nrevision ${harmless}\n`,
      "signs.md": "«redacted» is a sign\n",
      "AGENTS.md": `Deploy with ${secret} and ${looksLikeOne}.\n`,
      "long.txt": `${"line\n".repeat(2_860)}${`${secret}\n`.repeat(60)}${"line\n".repeat(3_000)}`,
    });
    commitAll(project);
    server = await startFakeModelServer(({ agent, turn }, index) => {
      if (index === 0) return { fault: { kind: "status", status: 529, message: `overloaded for ${secret}` } };
      if (agent.endsWith("-review"))
        return { calls: [{ tool: "agents__submit_result", arguments: { status: "done", summary: "fine", score: 1 } }] };
      if (agent !== "typescript") return { text: "Said." };
      const calls = [
        { tool: "filesystem__read_file", arguments: { path: "README.md" } },
        { tool: "filesystem__read_file", arguments: { path: "long.txt" } },
        {
          tool: "shell__run",
          arguments: { command: `cat README.md; printf %s '${secret}' | base64; printf %s '${secret}' >&2; cat no-file` },
        },
        { tool: "filesystem__write_file", arguments: { path: "notes.md", content: `key ${secret}\n${harmless}\n` } },
        { tool: "filesystem__edit_file", arguments: { path: "signs.md", old: "is a sign", new: "is a «redacted» sign" } },
        { tool: "filesystem__read_file", arguments: { path: `missing-${secret}` } },
      ];
      if (turn < calls.length) return { text: `I know ${secret} and ${looksLikeOne} and ${harmless}.`, deltas: 40, calls: [calls[turn]!] };
      return { calls: [{ tool: "agents__submit_result", arguments: { status: "done", summary: `Used ${secret} and ${encoded}.` } }] };
    });
    runtime = await createRuntime({ env: { ...env, ANTHROPIC_BASE_URL: server.url }, attended: false, workspace: project });
    runtime.engine.onDelta((_session, _task, _agent, delta) => void (delta.kind !== "call" && deltas.push(delta.text)));
  });
  after(async () => {
    await runtime.close();
    await server.close();
    dir.remove();
  });

  it("is on no record, in no prompt and on no screen", async () => {
    const config = configWith({ model: "anthropic:claude-sonnet-4-5", level: "bypass", agent: "typescript" });
    const goal = `Fix the typo in README.md; the token is ${secret}, or ${looksLikeOne}`;
    const created = await runtime.engine.dispatch({ type: "session.create", name: `about ${secret}`, goal, workspace: project, config });
    assert.ok(created.ok, JSON.stringify(created));
    const { sessionId } = created.value;
    await runtime.engine.follow(sessionId, 0, (event) => shown.push(JSON.stringify(event)));
    const outcome = await runtime.engine.dispatch({ type: "session.run", sessionId });
    shown.push(JSON.stringify(outcome), JSON.stringify(await runtime.engine.state(sessionId)));
    await runtime.engine.dispatch({ type: "session.rename", sessionId, name: `again ${secret}` });
    await runtime.engine.dispatch({ type: "session.fork", sessionId, name: `fork ${secret}` });
    const events = await runtime.store.read(sessionId);
    const ended = events.filter(({ type }) => type === "call.ended").length;
    assert.ok(ended >= 7, "the calls were made");
    assert.ok(outcome.ok, JSON.stringify(outcome));

    const [notes, signs] = ["filesystem__write_file", "filesystem__edit_file"].map((tool) =>
      events
        .map((event) => (event.type === "call.ended" ? (event as EventOf<"call.ended">).payload : undefined))
        .find((one) => one?.tool === tool),
    );
    assert.ok(notes && !notes.result.ok && notes.result.code === "redacted", "no sign takes a secret's place in a file");
    assert.ok(signs?.result.ok, "a file's own text is no secret's place");

    for (const form of forms) {
      assert.ok(!deltas.join("").includes(form), "what streams");
      for (const text of shown) assert.ok(!text.includes(form), `what clients see: ${around(text, form)}`);
      for (const { body } of server.requests) {
        const text = JSON.stringify(body);
        assert.ok(!text.includes(form), `what models are sent: ${around(text, form)}`);
      }
    }
    await runtime.engine.close();
    for (const file of filesIn(data)) {
      const bytes = readFileSync(file);
      for (const form of forms) assert.ok(!bytes.includes(form), `${file} holds it`);
    }
    assert.ok(deltas.join("").includes(`and ${harmless}.`), "what is no secret is there");
    assert.ok(shown.join("").includes(harmless));
    const prompts = JSON.stringify(server.requests.map(({ body }) => body));
    assert.ok(prompts.includes(`revision ${harmless}`) && prompts.includes("Deploy with «redacted»"));
  });

  it("is not in what a program prints of an error that nobody foresaw", async () => {
    const printed: string[] = [];
    const io = { env: { ...env, AO_DATA_DIR: join(project, "README.md", secret) }, cwd: project, colour: false } as unknown as Io;
    const broken: Io = {
      ...io,
      stdin: process.stdin,
      stdout: process.stdout,
      out: () => {
        throw new Error(`it broke at ${secret}`);
      },
      err: (line) => void printed.push(line),
    };
    assert.equal(await main(["--version", "--verbose"], broken), 1);
    assert.match(printed.join("\n"), /it broke at «redacted»[^]*at /);
    assert.ok(!printed.join("\n").includes(secret));
  });
});

function around(text: string, form: string): string {
  const at = text.indexOf(form);
  return text.slice(Math.max(0, at - 200), at + 60);
}

/** All but the snapshots of the user's own files, which hold what those hold. */
function filesIn(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return existsAsGit(path) ? [] : filesIn(path);
    return [path];
  });
}

function existsAsGit(path: string): boolean {
  try {
    return execFileSync("git", ["-C", path, "rev-parse", "--git-dir"], { stdio: ["ignore", "pipe", "ignore"] }).length > 0;
  } catch {
    return false;
  }
}
