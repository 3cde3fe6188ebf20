// A result that was kept can be committed: the panel asks the editor, and shows what is committed.

import assert from "node:assert/strict";
import { commitAll, gitIn } from "../support/gitProject.ts";
import { panelBed } from "./panelPage.ts";

describe("committing what was kept", () => {
  const bed = panelBed();

  it("is offered once it is in the files, goes to the editor, and is told when it is done", async () => {
    await bed.open({
      before: ({ workspace, facts }) => {
        commitAll(workspace);
        gitIn(workspace, "config", "user.name", "A Person");
        gitIn(workspace, "config", "user.email", "person@example.org");
        Object.assign(facts, { editor: true, sourceControl: true });
      },
    });
    const { page, mark, show, host } = bed.panel;
    await mark("composer").fill('Fix the typo "recieve" in README.md');
    await mark("composer").press("Enter");
    const asked = mark("approve-more");
    const proposed = mark("landing-strip");
    for (await asked.or(proposed).first().waitFor(); !(await proposed.isVisible()); await asked.or(proposed).first().waitFor())
      await bed.panel.allowForSession();
    await show("changes");
    await mark("keep-all").waitFor();
    assert.equal(await mark("commit").count(), 0, "nothing of it is in the files yet");
    await mark("keep-all").click();
    await mark("commit").click();
    await mark("to-source-control").click();
    await page.screenshot({ path: ".cache/screenshots/panel-commit.png" });
    const [sessionId] = await host.sessions();
    assert.deepEqual(
      host.asked.map(({ action, sessionId: of }) => [action, of]),
      [
        ["commit", sessionId],
        ["toSourceControl", sessionId],
      ],
    );
    const done = await host.dispatch({ type: "changes.commit", sessionId: sessionId!, by: "user" });
    assert.ok(done.ok, done.ok ? "" : done.error.message);
    await mark("committed").getByText(done.value.commit!.slice(0, 10)).waitFor();
    assert.equal(await mark("commit").count(), 0);
    await page.screenshot({ path: ".cache/screenshots/panel-committed.png" });
    await show("chat");
    await page.getByText(/committed on main as [0-9a-f]{10}: README\.md/).waitFor();
  });
});
