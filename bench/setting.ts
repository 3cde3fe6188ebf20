// What every measurement is given: the model server, a project, a place for data folders, and how often to repeat.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createTools } from "../src/tools/tools.ts";
import type { ToolSpec } from "../src/core/ports.ts";
import type { FakeModel } from "./fakeModel.ts";

export type Setting = {
  model: FakeModel;
  project: string;
  /** A new empty folder. */
  folder(name: string): string;
  specs: ToolSpec[];
  /** The named tools as the Messages API takes them. */
  tools(names: string[]): string;
  rounds(usual: number): number;
};

export async function createSetting(options: { model: FakeModel; project: string; root: string; quick: boolean }): Promise<Setting> {
  let count = 0;
  const tools = await createTools({ saveOutput: () => Promise.reject(new Error("nothing is kept here")) });
  const specs = await tools.list();
  await tools.close();
  return {
    model: options.model,
    project: options.project,
    folder: (name) => {
      count += 1;
      const path = join(options.root, `${name}-${count}`);
      mkdirSync(path, { recursive: true });
      return path;
    },
    specs,
    tools: (names) =>
      JSON.stringify(
        names.map((name) => {
          const { description, inputSchema } = specs.find((spec) => spec.name === name)!;
          return { name, description, input_schema: inputSchema };
        }),
      ),
    rounds: (usual) => (options.quick ? 1 : usual),
  };
}
