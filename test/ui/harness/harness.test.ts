// What the browser harness promises to suites, on the stand-in extension as a user installs it: the panel can be reached
// and driven, complaints are noted, themes change, and nothing outlives the stop.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { packageExtension } from "../../../scripts/vscode/package.ts";
import { startWorkbench, type Workbench } from "../../../scripts/vscode/server.ts";
import { openWorkbench, type OpenWorkbench } from "./browser.ts";

describe("the browser harness", () => {
  const sample = join("agents", "demo", "project");
  let dir: string;
  let workbench: Workbench;
  let open: OpenWorkbench;

  before(async function () {
    // The first time sets the runtime up.
    this.timeout(600_000);
    dir = mkdtempSync(join(tmpdir(), "ao-harness-"));
    const vsix = await packageExtension(join("test", "vscode", "standIn"), join(dir, "stand-in.vsix"));
    workbench = await startWorkbench({ folder: sample, vsix: [vsix] });
    open = await openWorkbench(workbench);
  });

  after(async () => {
    await open?.close();
    await workbench?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it("installs the package", () => {
    assert.deepEqual(workbench.installed, [{ id: "agent-orchestrator-tests.stand-in", version: "0.0.1" }]);
  });

  it("runs a command and reaches the panel inside the webview", async () => {
    await open.command("Stand-in: Open Panel");
    await open.panel().getByTestId("composer").fill("words of a person");
    await open.panel().getByTestId("send").click();
    await open.panel().getByTestId("approval").getByText("words of a person").waitFor();
    assert.equal(await open.panel().getByTestId("status").innerText(), "waiting");
  });

  it("has no complaint about a workbench that is well", () => {
    assert.deepEqual(open.problems(), []);
  });

  it("notes an error in the panel", async () => {
    await open.panel().getByTestId("composer").fill("complain");
    await open.panel().getByTestId("send").click();
    for (let tries = 0; tries < 50 && open.problems().length === 0; tries++) await pause(100);
    assert.match(
      open
        .problems()
        .map(({ text }) => text)
        .join("\n"),
      /a complaint on purpose/,
    );
  });

  it("loads the window again, with changed settings and the panel as it was open", async () => {
    const before = open.problems().length;
    workbench.change({ "workbench.colorTheme": "Default High Contrast" });
    await open.reload();
    await open.page.locator(".monaco-workbench.hc-black").waitFor({ timeout: 20_000 });
    await open.panel().getByTestId("composer").waitFor();
    assert.ok(existsSync(await open.screenshot("harness-high-contrast")));
    assert.deepEqual(open.problems().slice(before), []);
  });

  it("leaves no process and no file when whoever started the workbench is killed", async () => {
    const program = `
      import { startWorkbench } from ${JSON.stringify(join(process.cwd(), "scripts/vscode/server.ts"))};
      const { root, port } = await startWorkbench();
      console.log(JSON.stringify({ root, port }));
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const { root, port } = JSON.parse(line.toString()) as { root: string; port: number };
    assert.ok((await fetch(`http://127.0.0.1:${port}/healthz`)).ok);
    child.kill("SIGKILL");
    for (let tries = 0; tries < 150 && existsSync(root); tries++) await pause(100);
    assert.equal(existsSync(root), false);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));
    if (process.platform === "linux") assert.deepEqual(processesOf(root), []);
  });
});

function processesOf(root: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      if (!(pid > 0) || pid === process.pid) return false;
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").includes(root);
      } catch {
        return false;
      }
    });
}
