// The judge of packages: what may not be in one is named, and then no file is made.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { packageExtension } from "../../../scripts/vscode/package.ts";
import { zipEntries } from "../../../scripts/vscode/zipEntries.ts";

describe("packaging", () => {
  let folder: string;
  const out = (): string => join(folder, "made", "it.vsix");
  const write = (path: string, text = ""): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ao-packaging-"));
    const manifest = {
      name: "x",
      publisher: "y",
      version: "1.2.3",
      engines: { vscode: "^1.100.0" },
      main: "./dist/a.js",
      activationEvents: [],
    };
    write("package.json", JSON.stringify(manifest));
    write("dist/a.js", "exports.activate = () => {};");
    write(".vscodeignore", "made/**");
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("makes a file with what is there", async () => {
    assert.equal(await packageExtension(folder, out()), out());
    assert.deepEqual(
      zipEntries(out())
        .map(({ name }) => name)
        .filter((name) => name.startsWith("extension/")),
      ["extension/package.json", "extension/dist/a.js"],
    );
  });

  const plants = [
    { path: "test/a.js", said: /extension\/test\/a\.js \(a file of the sources, tests or tools\)/ },
    { path: "src/a.ts", said: /extension\/src\/a\.ts \(a file of the sources/ },
    { path: "bench/a.js", said: /extension\/bench\/a\.js \(a file of the sources/ },
    { path: "dist/a.js.map", said: /a\.js\.map \(a source map or source file\)/ },
    { path: "dist/b.node", said: /b\.node \(a native module\)/ },
  ];
  for (const { path, said } of plants) {
    it(`refuses ${path}`, async () => {
      write(path, "1");
      await assert.rejects(packageExtension(folder, out()), said);
      assert.equal(existsSync(out()), false);
    });
  }

  it("refuses a package whose entry is not built", async () => {
    rmSync(join(folder, "dist"), { recursive: true });
    await assert.rejects(packageExtension(folder, out()), /entrypoint.*dist\/a\.js/s);
  });

  it("refuses a package without a file that its manifest names", async () => {
    const contributes = { jsonValidation: [{ fileMatch: "a.json", url: "./dist/schemas/a.json" }] };
    const manifest = { name: "x", publisher: "y", version: "1.2.3", engines: { vscode: "^1.100.0" }, main: "./dist/a.js", contributes };
    write("package.json", JSON.stringify({ ...manifest, activationEvents: [] }));
    await assert.rejects(packageExtension(folder, out()), /lacks what its manifest names: dist\/schemas\/a\.json\./);
    write("dist/schemas/a.json", "{}");
    assert.equal(await packageExtension(folder, out()), out());
  });

  it("names what the manifest lacks", async () => {
    write("package.json", JSON.stringify({ name: "x", version: "1.2.3" }));
    await assert.rejects(packageExtension(folder, out()), /lacks what an extension needs: publisher, main, engines\.vscode/);
  });
});
