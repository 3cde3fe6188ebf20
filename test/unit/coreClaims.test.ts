// Symbols that a change is in, for each language that is known, and what two agents hear who come to the same one in
// folders of their own.

import assert from "node:assert/strict";
import { symbolsChanged } from "../../src/core/symbols.ts";
import type { Ports } from "../../src/core/ports.ts";
import { isKnown } from "../../src/protocol/events.ts";
import { briefIn, cast, hand, planOf, write } from "../golden/golden.ts";
import { createMemoryWorkspace } from "../support/memoryWorkspace.ts";
import { createWorld, runGoal } from "../support/world.ts";

describe("symbols of a change", () => {
  const cases: [string, string, string, string, string[]][] = [
    ["a function", "a.ts", "export function add(a: number) {\n  return a;\n}\n", "return a;", ["add"]],
    ["a method", "a.ts", "class Sum {\n  add(a: number): number {\n    return a;\n  }\n\n  sub() {\n  }\n}\n", "return a;", ["Sum.add"]],
    ["a closing bracket", "a.ts", "const one = {\n  x: 1,\n};\nconst two = 2;\n", "};", ["one"]],
    ["a constant", "a.ts", "export const limit: number = 5;\nuse(limit);\n", "export const limit: number = 5;", ["limit"]],
    ["a call after a function", "a.ts", "function a() {\n}\nrun();\n", "run();", []],
    ["a branch is no symbol", "a.js", "function a() {\n  if (x) {\n    y();\n  }\n}\n", "y();", ["a"]],
    ["Python", "a.py", "class Sum:\n    async def add(self, a):\n        return a\n\ntotal = 1\n", "return a", ["Sum.add"]],
    ["Python, top level", "a.py", "def f():\n    pass\n\ntotal = 1\n", "total = 1", []],
    [
      "Rust",
      "a.rs",
      "impl<T> Stack<T> {\n    pub fn push(&mut self, item: T) {\n        self.items.push(item);\n    }\n}\n",
      "self.items.push(item);",
      ["Stack<T>.push"],
    ],
    ["Go", "a.go", "func (s *Stack) Push(item int) {\n\ts.items = append(s.items, item)\n}\n", "s.items = append(s.items, item)", ["Push"]],
    ["Ruby", "a.rb", "module A\n  def b\n    c\n  end\nend\n", "    c", ["A.b"]],
    [
      "Java",
      "A.java",
      "public class A {\n    public int add(int a, int b) {\n        return a + b;\n    }\n}\n",
      "return a + b;",
      ["A.add"],
    ],
    ["a section", "README.md", "# One\n\nText.\n\n## Two\n\nMore.\n", "More.", ["Two"]],
    ["what is not known", "a.txt", "function add() {\n  x\n}\n", "  x", []],
  ];
  for (const [name, path, text, line, symbols] of cases)
    it(name, () => {
      assert.ok(text.includes(line));
      assert.deepEqual(symbolsChanged(path, text, text.replace(line, `${line} /* another thing entirely */ changedIt`)), symbols);
    });

  it("of both sides, in whatever order they stand", () => {
    const before = "function a() {\n  one();\n}\nfunction b() {\n  two();\n}\n";
    assert.deepEqual(symbolsChanged("x.ts", before, before.replace("  one();\n", "").replace("two();", "two();\n  three();")), ["a", "b"]);
    assert.deepEqual(symbolsChanged("x.ts", "", before), ["a", "b"]);
    assert.deepEqual(symbolsChanged("x.ts", before, before), []);
  });
});

describe("two agents at one symbol", () => {
  const before = "function greet() {\n  return 1;\n}\n\nfunction leave() {\n  return 2;\n}\n";
  const edit = {
    a: before.replace("return 1", "return 10"),
    b: before.replace("return 1", "return 100"),
    c: before.replace("return 2", "return 20"),
  };

  it("are both told before their work is joined, and those elsewhere are not", async () => {
    const heard: Record<string, string> = {};
    const model = cast({
      planning: [planOf(...["a", "b", "c"].map((id) => ({ id, type: "generate", goal: `Part ${id}` })))],
      typescript: (request) => {
        const part = briefIn(request).slice(5, 6) as keyof typeof edit;
        heard[part] = (heard[part] ?? "") + JSON.stringify(request.messages.slice(1));
        if (request.messages.length === 1) return { calls: [write(part === "c" ? "leave.ts" : "greet.ts", edit[part])] };
        // Another turn, so that what is said meanwhile can be heard.
        return request.messages.length < 5 ? { calls: [write(`notes-${part}.txt`, "x")] } : hand({ summary: part });
      },
      coordinator: [{ text: "Done." }],
    });
    const workspace = createMemoryWorkspace({ "greet.ts": before }, null);
    const wrap = (ports: Ports): Ports => ({
      ...ports,
      tools: {
        ...ports.tools,
        preview: (_tool, args, root) => {
          const { path, content } = args as { path: string; content: string };
          const old = workspace.folder(root)[path];
          return Promise.resolve([{ path, ...(old === undefined ? {} : { before: old }), after: content }]);
        },
      },
    });
    const world = await createWorld({ model, workspace, wrap });
    const { sessionId } = await runGoal(world, "Implement the parts", { workflow: "parallel" });
    const events = (await world.store.read(sessionId, {})).filter(isKnown);
    const claims = events.flatMap((event) => (event.type === "work.claimed" ? [event.payload] : []));
    assert.deepEqual(
      claims.filter((claim) => claim.with).map(({ path, symbols }) => [path, symbols]),
      [["greet.ts", ["greet"]]],
    );
    const told = Object.entries(heard).filter(([, messages]) => messages.includes("is changing greet of greet.ts"));
    assert.deepEqual(told.map(([part]) => part).toSorted(), ["a", "b"]);
    assert.ok(!heard["c"]!.includes("is changing"));
    assert.ok(!(await world.engine.state(sessionId))!.run!.reason?.includes("no agent heard"));
  });

  it("are not told where they are candidates for one choice", async () => {
    const model = cast({
      typescript: (request) => (request.messages.length === 1 ? { calls: [write("greet.ts", edit.a)] } : hand({ summary: "done" })),
      synthesis: [hand({ summary: "the first", data: { choose: "candidate-1" } })],
      coordinator: [{ text: "Done." }],
      "unit-test": [hand({ summary: "tested" })],
    });
    const workspace = createMemoryWorkspace({ "greet.ts": before }, null);
    const preview = (_tool: string, args: unknown): Promise<{ path: string; before: string; after: string }[]> =>
      Promise.resolve([{ path: "greet.ts", before, after: (args as { content: string }).content }]);
    const world = await createWorld({ model, workspace, wrap: (ports) => ({ ...ports, tools: { ...ports.tools, preview } }) });
    const { sessionId } = await runGoal(world, "Greet louder", { workflow: "consensus", models: ["scripted:one", "scripted:two"] });
    assert.ok(!(await world.store.read(sessionId, {})).some(({ type }) => type === "work.claimed"));
  });
});
