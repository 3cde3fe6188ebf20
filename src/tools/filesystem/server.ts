// The `filesystem` server: names, inputs and descriptions of its tools. What they do is in the files beside it.

import { z } from "zod";
import { access, defineTool, failed } from "../toolDefinition.ts";
import type { Tool, ToolServer } from "../toolDefinition.ts";
import { deleteEntry, moveEntry } from "./entries.ts";
import { editFile } from "./edit.ts";
import { findFiles } from "./find.ts";
import { listDirectory } from "./list.ts";
import { applyPatchText } from "./patch.ts";
import { readFile } from "./read.ts";
import { searchText } from "./search.ts";
import { writeFile } from "./write.ts";

const path = z.string().min(1).describe("Relative to the task's folder");

export function filesystemServer(options: { outputLimit: number }): ToolServer {
  return { name: "filesystem", tools: [...readers(options.outputLimit), ...writers()] };
}

function readers(outputLimit: number): Tool[] {
  return [
    defineTool({
      name: "read_file",
      description:
        "Reads a text file. Long files come in parts: the answer then says which lines it holds and how many there are; read on with offset.",
      input: z.object({
        path,
        offset: z.number().int().min(1).optional().describe("First line to read, counted from 1"),
        limit: z.number().int().min(1).optional().describe("How many lines to read"),
      }),
      access: access.read,
      run: (input, call) => readFile(input, call.scope, outputLimit),
    }),
    defineTool({
      name: "list_directory",
      description: "Lists a folder: folders end with /, files have their size in bytes.",
      input: z.object({ path: path.default(".") }),
      access: access.read,
      run: (input, call) => listDirectory(input, call.scope),
    }),
    defineTool({
      name: "find_files",
      description:
        "Finds files by a glob such as src/**/*.ts or *.md (a glob without / matches names at any depth). Ignored files (.gitignore) are left out.",
      input: z.object({ glob: z.string().min(1) }),
      access: access.read,
      run: (input, call) => findFiles(input, call),
    }),
    defineTool({
      name: "search_text",
      description:
        "Searches the contents of files by a regular expression (RE2 style: no look-around, no back-references), line by line. Ignored files are left out. Answers as path:line: text.",
      input: z.object({
        pattern: z.string().min(1).describe("Regular expression; escape special characters to search for them as they are"),
        path: path.optional().describe("File or folder to search in"),
        glob: z.string().min(1).optional().describe("Only files that match, such as *.ts"),
      }),
      access: access.read,
      run: (input, call) => searchText(input, call),
    }),
  ];
}

function writers(): Tool[] {
  return [
    defineTool({
      name: "write_file",
      description: "Creates a file, or replaces one as a whole. Missing folders are created. To change a part of a file use edit_file.",
      input: z.object({ path, content: z.string().describe("The whole new content") }),
      access: access.rewrite,
      run: (input, call) => writeFile(input, call.scope),
    }),
    defineTool({
      name: "edit_file",
      description:
        "Changes a part of a file. Either {path, old, new}: `old` must be copied exactly from the file, with its indentation, and occur only once (add lines around it, or set all to replace every occurrence). Or {patch}: a unified diff of one or several files, applied as a whole or not at all.",
      input: z.object({
        path: path.optional(),
        old: z.string().optional().describe("Exact text to replace"),
        new: z.string().optional().describe("Text to put in its place"),
        all: z.boolean().optional().describe("Replace every occurrence"),
        patch: z.string().optional().describe("A unified diff, instead of path, old and new"),
      }),
      access: access.write,
      run: async (input, call) => {
        if (input.patch !== undefined) {
          if (input.old === undefined && input.new === undefined) return applyPatchText(input.patch, call.scope, input.path);
          return failed("invalid_arguments", "Give either {path, old, new} or {patch}, not both.");
        }
        if (input.path === undefined || input.old === undefined || input.new === undefined)
          return failed("invalid_arguments", "edit_file needs {path, old, new} or {patch}.");
        return editFile({ path: input.path, old: input.old, new: input.new, all: input.all ?? false }, call.scope);
      },
    }),
    defineTool({
      name: "move",
      description: "Moves or renames a file or folder. Never overwrites.",
      input: z.object({ from: path, to: path }),
      access: access.write,
      run: (input, call) => moveEntry(input, call.scope),
    }),
    defineTool({
      name: "delete",
      description: "Deletes a file or an empty folder.",
      input: z.object({ path }),
      access: access.write,
      run: (input, call) => deleteEntry(input, call.scope),
    }),
  ];
}
