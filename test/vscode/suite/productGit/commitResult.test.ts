// A result into the user's repository from the editor: as a commit by the engine, and as a message with staged files in the
// editor's own Source Control.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { Api } from "../../../../src/vscode/extension.ts";
import { picking } from "../wait.ts";

const goal = 'Fix the typo "recieve" in README.md';

describe("commit result", () => {
  let api: Api;
  let folder: string;
  let readme: string;
  let text: string;
  before(async () => {
    api = await vscode.extensions.getExtension<Api>("agent-orchestrator.agent-orchestrator")!.activate();
    folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
    readme = join(folder, "README.md");
    text = readFileSync(readme, "utf8");
    git("init", "--quiet", "--initial-branch=main");
    git("config", "user.name", "A Person");
    git("config", "user.email", "person@example.org");
  });
  after(() => {
    rmSync(join(folder, ".git"), { recursive: true, force: true });
    writeFileSync(readme, text);
  });

  const git = (...args: string[]): string => execFileSync("git", args, { cwd: folder, encoding: "utf8" }).trim();
  const taken = async (): Promise<string> => {
    writeFileSync(readme, "# Inventory\n\nYou recieve a list.\n\nIt is sorted.\n");
    git("add", "--all");
    git("commit", "--quiet", "--allow-empty", "-m", "before");
    const { sessionId } = await api.desk.start({ text: goal, attachments: [], level: "bypass" });
    await api.desk.running.get(sessionId);
    assert.match(readFileSync(readme, "utf8"), /You receive a list/);
    return sessionId;
  };
  const run = (name: string, given?: object): Thenable<string | undefined> =>
    vscode.commands.executeCommand(`agentOrchestrator.${name}`, given);

  it("asks for the message, commits the session's changes alone, and knows of it", async () => {
    const id = await taken();
    writeFileSync(readme, `${readFileSync(readme, "utf8")}\nA line of mine.\n`);
    const commit = await picking(run("commitResult", { id }));
    assert.equal(git("rev-parse", "HEAD"), commit);
    assert.match(
      git("log", "-1", "--format=%B"),
      new RegExp(`^Fix the typo "recieve" in README\\.md\\n\\n[^]*\\n\\nAgent-Session: ${id}\\n`),
    );
    assert.doesNotMatch(git("show", "HEAD:README.md"), /mine/);
    assert.equal(git("status", "--porcelain"), "M README.md");
    const { engine } = await api.desk.runtime();
    assert.equal((await engine.state(id))?.commits?.[0]?.commit, commit);
    git("commit", "--quiet", "-am", "mine");
    assert.equal(await run("commitResult", { id }), undefined, "nothing is left to commit");
  });

  it("a message that is given is taken; a branch leaves the files and the present branch alone", async () => {
    const id = await taken();
    const head = git("rev-parse", "HEAD");
    const commit = await run("commitResult", { id, message: "Spell it right", branch: "agents/typo" });
    assert.deepEqual([git("rev-parse", "agents/typo"), git("rev-parse", "HEAD")], [commit, head]);
    assert.match(git("log", "-1", "--format=%B", "agents/typo"), /^Spell it right\n\nAgent-Session: /);
    assert.equal(git("status", "--porcelain"), "M README.md");
  });

  it("puts the message into Source Control and stages the files, for the person to commit with their hooks", async () => {
    const id = await taken();
    const head = git("rev-parse", "HEAD");
    const message = await run("messageToSourceControl", { id });
    assert.match(message ?? "no message", new RegExp(`^Fix the typo "recieve" in README\\.md\\n\\n[^]*\\nAgent-Session: ${id}\\n`));
    assert.deepEqual([git("diff", "--cached", "--name-only"), git("rev-parse", "HEAD")], ["README.md", head]);
  });
});
