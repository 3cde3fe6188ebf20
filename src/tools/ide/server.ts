// The `ide` server: what an editor's language services know, and the changes that they can work out. Headless there is no
// editor: the tools are not offered then, and answer that there is none.

import { z } from "zod";
import { access, defineTool, failed } from "../toolDefinition.ts";
import type { Call, Outcome, Tool, ToolServer } from "../toolDefinition.ts";
import { format, rename } from "./change.ts";
import type { EditorPort } from "./editorPort.ts";
import { allProblems, findSymbols, lookUp, problemsOf, symbolsOf } from "./look.ts";

const path = z.string().min(1).describe("Relative to the task's folder");
const line = z.number().int().min(1).describe("Counted from 1");
const column = z.number().int().min(1).optional().describe("Counted from 1; not needed where symbol is given");
const symbol = z.string().min(1).optional().describe("The name as it stands on that line");

export function ideServer(editor: EditorPort | undefined): ToolServer {
  return { name: "ide", tools: [...lookers(editor), ...changers(editor)] };
}

/** Hands the editor to the tool, or says that there is none. */
function withEditor<T>(editor: EditorPort | undefined, work: (editor: EditorPort, input: T, call: Call) => Promise<Outcome>) {
  return async (input: T, call: Call): Promise<Outcome> =>
    editor
      ? work(editor, input, call)
      : failed("no_editor", "No editor is attached: use search_text, read_file and the project's own checks instead.");
}

function lookers(editor: EditorPort | undefined): Tool[] {
  const position = z.object({ path, line, symbol, column });
  return [
    defineTool({
      name: "diagnostics",
      description:
        "Lists the errors and warnings that the editor's language services report in a file; without a path, all that are known.",
      input: z.object({ path: path.optional() }),
      access: access.read,
      run: withEditor(editor, (port, input: { path?: string | undefined }, call) =>
        input.path === undefined ? allProblems(port, call) : problemsOf(port, input.path, call),
      ),
    }),
    defineTool({
      name: "definition",
      description: "Finds where a symbol is defined. Give the line where it is used and its name.",
      input: position,
      access: access.read,
      run: withEditor(editor, (port, input, call) => lookUp(port, "definition", input, call)),
    }),
    defineTool({
      name: "references",
      description: "Finds every place that uses a symbol. Give a line where it stands and its name.",
      input: position,
      access: access.read,
      run: withEditor(editor, (port, input, call) => lookUp(port, "references", input, call)),
    }),
    defineTool({
      name: "symbols",
      description: "Lists the symbols of a file (give path), or finds symbols by a part of their name (give query).",
      input: z.object({ path: path.optional(), query: z.string().min(1).optional() }),
      access: access.read,
      run: withEditor(editor, async (port, input: { path?: string | undefined; query?: string | undefined }, call) => {
        if (input.path !== undefined) return symbolsOf(port, input.path, call);
        return input.query === undefined ? failed("invalid_arguments", "Give path or query.") : findSymbols(port, input.query, call);
      }),
    }),
  ];
}

function changers(editor: EditorPort | undefined): Tool[] {
  return [
    defineTool({
      name: "rename",
      description: "Renames a symbol everywhere in the task's folder. Give a line where it stands, its name, and the new one.",
      input: z.object({ path, line, symbol, column, newName: z.string().min(1) }),
      access: access.write,
      run: withEditor(editor, (port, input, { scope }) => rename(port, input, scope)),
    }),
    defineTool({
      name: "format",
      description: "Formats a file as the editor would.",
      input: z.object({ path }),
      access: access.rewrite,
      run: withEditor(editor, (port, input, { scope }) => format(port, input, scope)),
    }),
  ];
}
