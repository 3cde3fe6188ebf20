// YAML with places: every fault of a file is reported with the line on which it stands.
// Owns reading and checking against a schema; what the data means is for its callers.

import { isMap, isNode, isPair, LineCounter, parseDocument } from "yaml";
import type { Document } from "yaml";
import type { z } from "zod";
import { didYouMean } from "./closest.ts";

export type Fault = { line: number; column?: number; message: string };
/** The data of a file and where its parts stand. */
export type YamlText = { data: unknown; lineOf(path: PropertyKey[]): number; columnOf?(path: PropertyKey[]): number };

/** `firstLine` is the line of the file on which the text begins. */
export function readYaml(text: string, firstLine: number): { ok: true; yaml: YamlText } | { ok: false; faults: Fault[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const lineAt = (offset: number): number => lines.linePos(offset).line + firstLine - 1;
  const columnAt = (offset: number): number => lines.linePos(offset).col;
  const placeAt = (offset: number): { line: number; column: number } => ({ line: lineAt(offset), column: columnAt(offset) });
  if (document.errors.length > 0)
    return { ok: false, faults: document.errors.map((error) => ({ ...placeAt(error.pos[0]), message: firstSentence(error.message) })) };
  try {
    // Aliases are bounded, so that a small file cannot become a huge value.
    const data: unknown = document.toJS({ maxAliasCount: 100 });
    const at = (path: PropertyKey[]): number => offsetOf(document, path);
    return { ok: true, yaml: { data, lineOf: (path) => lineAt(at(path)), columnOf: (path) => columnAt(at(path)) } };
  } catch (error) {
    return { ok: false, faults: [{ line: firstLine, message: inOwnWords(error) }] };
  }
}

function inOwnWords(error: unknown): string {
  if (error instanceof ReferenceError) return "Its aliases (*name) name nothing, or stand for more than a file may hold.";
  return error instanceof Error ? error.message : "cannot be read";
}

/** Where the value, or the nearest thing around it, begins. */
function offsetOf(document: Document, path: PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && isNode(item.key) && item.key.toJSON() === key);
      if (pair && isNode(pair.key) && pair.key.range) return pair.key.range[0];
    }
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

export function check<S extends z.ZodType>(
  schema: S,
  yaml: YamlText,
  knownKeys: readonly string[],
  innerKeys: readonly string[] = [],
): { ok: true; value: z.infer<S> } | { ok: false; faults: Fault[] } {
  const result = schema.safeParse(yaml.data);
  if (result.success) return { ok: true, value: result.data };
  const faults = result.error.issues.flatMap((issue) => describe(issue, yaml, issue.path.length === 0 ? knownKeys : innerKeys));
  return { ok: false, faults: faults.sort((a, b) => a.line - b.line) };
}

function describe(issue: z.core.$ZodIssue, yaml: YamlText, knownKeys: readonly string[]): Fault[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      ...placeOf(yaml, [...issue.path, key]),
      message: `"${key}" is not a known key.${didYouMean(key, knownKeys)}`,
    }));
  const where = issue.path.length > 0 ? `${issue.path.map(String).join(".")}: ` : "";
  return [{ ...placeOf(yaml, issue.path), message: `${where}${inWords(issue)}.` }];
}

function placeOf(yaml: YamlText, path: PropertyKey[]): { line: number; column?: number } {
  return { line: yaml.lineOf(path), ...(yaml.columnOf ? { column: yaml.columnOf(path) } : {}) };
}

const kinds: Record<string, string> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a set of keys with values",
  record: "a set of keys with values",
};

/** What is wrong in the words of somebody who writes such a file. */
function inWords(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `${kinds[issue.expected] ?? issue.expected} is needed`;
    case "invalid_value":
      return `one of ${issue.values.map(String).join(", ")} is needed`;
    case "too_small":
      if (issue.origin === "string") return "a text is needed, and it is empty";
      if (issue.origin === "array") return `at least ${counted(Number(issue.minimum))} needed`;
      return `a number ${issue.inclusive === true ? "of at least" : "above"} ${String(issue.minimum)} is needed`;
    case "too_big":
      return `a number of at most ${String(issue.maximum)} is needed`;
    default:
      return issue.message;
  }
}

function counted(n: number): string {
  return n === 1 ? "one entry is" : `${n} entries are`;
}

function firstSentence(message: string): string {
  if (message.startsWith("Source contains multiple documents")) return "One document is expected, and another begins here.";
  return message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, ".");
}
