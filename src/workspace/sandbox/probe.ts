// Proves a driver by a command that really runs: what it writes in its folder is there, what it writes outside is not, and
// nothing of this machine's network answers.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Confinable, Confined } from "../../core/sandboxPort.ts";
import type { Result } from "../../protocol/result.ts";
import { lastLine, ownEnvironment, runShort } from "./programs.ts";

export type Confine = (program: Confinable) => Promise<Result<Confined, string>>;

/** Undefined: it holds. Otherwise what it does not do, as the beginning of a sentence. */
export async function probe(confine: Confine, dataDir: string, env: Record<string, string | undefined>): Promise<string | undefined> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const home = await realpath(await mkdtemp(join(dataDir, "probe-")));
  const [root, outside] = [join(home, "in"), join(home, "out")];
  const server = createServer((socket) => socket.destroy());
  try {
    await mkdir(root);
    await mkdir(outside);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const script = `: > inside; : > '${outside}/written'; if (: < /dev/tcp/127.0.0.1/${port}); then exit 43; fi; exit 42`;
    const args = ["-c", 'exec "$(command -v bash || echo sh)" -c "$1"', "sh", script];
    const confined = await confine({ file: "/bin/sh", args, cwd: root, env: ownEnvironment(env), root, writable: true });
    if (!confined.ok) return confined.error;
    const { file, cwd, env: given, release } = confined.value;
    const { code, output } = await runShort(file, confined.value.args, { env: given, cwd });
    await release();
    if (code === 43) return "a command could reach the network of this machine";
    if (existsSync(join(outside, "written"))) return "a command could write outside of its folder";
    if (code !== 42) return `a trial command did not run (${lastLine(output) || `exit code ${code}`})`;
    return existsSync(join(root, "inside")) ? undefined : "a command could not write in its own folder";
  } finally {
    server.close();
    await rm(home, { recursive: true, force: true });
  }
}
