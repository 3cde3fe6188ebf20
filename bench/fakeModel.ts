// Starts the model server's process and asks it what it counted.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Counts } from "./modelServer.ts";

export type FakeModel = {
  url: string;
  /** What arrived since this was last asked. */
  counts(): Promise<Counts>;
  stop(): Promise<void>;
};

export async function startFakeModel(): Promise<FakeModel> {
  const entry = fileURLToPath(new URL("./modelServer.ts", import.meta.url));
  const child = spawn(process.execPath, [entry], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const url = `http://127.0.0.1:${line.toString().trim()}`;
  return {
    url,
    counts: async () => (await (await fetch(`${url}/counts`)).json()) as Counts,
    stop: async () => {
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
    },
  };
}
