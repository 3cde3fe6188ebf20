// The second reading of a command line: tree-sitter's bash grammar. It is loaded when the first command is judged that a
// stricter reading does not settle, and gives the same outline as the first reading does.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type * as TreeSitter from "@vscode/tree-sitter-wasm";
import type { Node, Parser } from "@vscode/tree-sitter-wasm";
import type { SecondReader } from "./commandLine.ts";
import type { Outline } from "./outline.ts";

let loading: Promise<Parser> | undefined;

export async function loadSecondReader(): Promise<SecondReader> {
  loading ??= load();
  const parser = await loading;
  return (text) => outlineBy(parser, text);
}

function outlineBy(parser: Parser, text: string): Outline | undefined {
  const tree = parser.parse(text);
  if (!tree) return undefined;
  try {
    if (tree.rootNode.hasError) return undefined;
    const outline: Outline = new Set();
    visit(tree.rootNode, outline);
    return outline;
  } finally {
    tree.delete();
  }
}

async function load(): Promise<Parser> {
  const { Parser, Language } = require(fileOf("tree-sitter.js")) as typeof TreeSitter;
  const [, grammar] = await Promise.all([
    Parser.init({ locateFile: () => fileOf("tree-sitter.wasm") }),
    readFile(fileOf("tree-sitter-bash.wasm")),
  ]);
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  return parser;
}

const require = createRequire(import.meta.url);

/** Beside the bundle (its script as CommonJS, which it cannot be bundled from), or in the package when the sources run. */
function fileOf(name: string): string {
  if (import.meta.url.endsWith(".ts")) return require.resolve(`@vscode/tree-sitter-wasm/wasm/${name}`);
  return fileURLToPath(new URL(`./${name.replace(/\.js$/, ".cjs")}`, import.meta.url));
}

const spans: Record<string, string> = {
  command_substitution: "substitution",
  process_substitution: "substitution",
  arithmetic_expansion: "arithmetic",
  subshell: "subshell",
  function_definition: "function",
  test_command: "test",
  if_statement: "if",
  for_statement: "loop",
  c_style_for_statement: "loop",
  while_statement: "loop",
  case_statement: "case",
  variable_assignment: "assignment",
};

function visit(node: Node, outline: Outline): void {
  const kind = spans[node.type];
  if (kind !== undefined) outline.add(`${kind} ${node.startIndex} ${node.endIndex}`);
  const children = node.children.filter((child) => child !== null);
  switch (node.type) {
    case "command":
    case "declaration_command":
    case "unset_command":
      addCommand(children, outline);
      break;
    case "file_redirect":
      addRedirection(node, children, outline);
      break;
    case "herestring_redirect":
      for (const child of children.slice(1)) outline.add(`text ${child.startIndex} ${child.endIndex}`);
      break;
    case "heredoc_body":
      outline.add(`document ${node.startIndex} ${node.endIndex}`);
      break;
    case "list":
    case "pipeline":
      for (const { type } of children)
        if (/^(&&|\|\||\||\|&)$/.test(type)) outline.add(`${node.type === "list" ? "AndOr" : "Pipeline"} ${type}`);
      break;
    case "negated_command":
      outline.add("negation");
      break;
    default:
  }
  for (const child of children) visit(child, outline);
}

const notWords = new Set(["variable_assignment", "file_redirect", "herestring_redirect", "heredoc_redirect"]);

function addCommand(children: Node[], outline: Outline): void {
  let words = children.filter(({ type }) => !notWords.has(type));
  // The grammar does not know that `time` is a word of the shell's own.
  if (words[0]?.text === "time") {
    words = words.slice(1);
    while (words[0]?.text === "-p" || words[0]?.text === "--") words = words.slice(1);
  }
  if (words.length > 0) outline.add(`command ${words.map(({ startIndex, endIndex }) => `${startIndex}-${endIndex}`).join(" ")}`);
}

function addRedirection(node: Node, children: Node[], outline: Outline): void {
  const descriptor = children.find(({ type }) => type === "file_descriptor");
  const operator = children.find(({ type }) => /^[<>&|]+-?$/.test(type));
  const targets = node.childrenForFieldName("destination").filter((child) => child !== null);
  for (const { startIndex, endIndex } of targets)
    outline.add(`redirection ${operator?.type} ${descriptor ? descriptor.startIndex : "-"} ${startIndex} ${endIndex}`);
}
