// What two readings of a command line must have in common, as a list of spans: the words of each simple command,
// assignments, redirections, substitutions and compound commands. Here unbash's side; tree-sitter's is treeSitter.ts.

import { forEachChild } from "unbash";
import type { Command, SyntaxNode } from "unbash";

/** `kind start end` for each thing found. */
export type Outline = Set<string>;

const spans: Partial<Record<SyntaxNode["type"], string>> = {
  CommandExpansion: "substitution",
  ProcessSubstitution: "substitution",
  ArithmeticExpansion: "arithmetic",
  Subshell: "subshell",
  Function: "function",
  TestCommand: "test",
  ArithmeticCommand: "test",
  If: "if",
  For: "loop",
  Select: "loop",
  While: "loop",
  ArithmeticFor: "loop",
  Case: "case",
};

/** Undefined where a nested part is not written in the text itself (escaped back quotes), so that spans say nothing. */
export function outlineOf(node: SyntaxNode): Outline | undefined {
  const outline: Outline = new Set();
  let known = true;
  const visit = (one: SyntaxNode): void => {
    if (one.type === "Script" && one.source !== undefined) known = false;
    const kind = spans[one.type];
    if (kind !== undefined) outline.add(`${kind} ${one.pos} ${one.end}`);
    if (one.type === "Command") addCommand(one, outline);
    if (one.type === "Assignment") outline.add(`assignment ${one.pos} ${one.end}`);
    if (one.type === "Redirect" && one.target)
      outline.add(`redirection ${one.operator} ${one.descriptor ? one.descriptor.pos : "-"} ${one.target.pos} ${one.target.end}`);
    if (one.type === "HereString" && one.target) outline.add(`text ${one.target.pos} ${one.target.end}`);
    if (one.type === "HereDoc") outline.add(`document ${one.body.pos} ${one.body.end}`);
    if (one.type === "AndOr" || one.type === "Pipeline") for (const operator of one.operators) outline.add(`${one.type} ${operator}`);
    if (one.type === "Pipeline" && one.prefixes.some(({ type }) => type === "Negation")) outline.add("negation");
    forEachChild(one, visit);
  };
  visit(node);
  return known ? outline : undefined;
}

function addCommand(command: Command, outline: Outline): void {
  const { name } = command;
  if (!name) return;
  if (name.text === "[") {
    const last = command.args.at(-1) ?? name;
    outline.add(`test ${name.pos} ${last.end}`);
    return;
  }
  const words = [name, ...command.args].filter((word) => word.type === "Word");
  outline.add(`command ${words.map(({ pos, end }) => `${pos}-${end}`).join(" ")}`);
}
