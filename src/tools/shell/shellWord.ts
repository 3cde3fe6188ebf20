// A word of a command as far as it is known before it runs: its value, or what is certain of it. Values come from the
// parser's parts; substitutions in it are handed back to whoever reads the commands.

import { homedir } from "node:os";
import type { ArithmeticExpression, ParsedScript, Word, WordPart } from "unbash";

export type ShellWord = {
  /** As it stands in the command line. */
  text: string;
  /** What the program gets, where that is certain. */
  value?: string;
  /** A pattern of file names, in which `\` takes away a character's special meaning. */
  glob?: string;
  /** What it certainly begins with. */
  start: string;
  /** It may become none or several words. */
  many: boolean;
  /** Only digits, whatever they are (`$?`, `$#`). */
  digits?: true;
};

/** What is known where a word stands, and what it finds there. */
export type WordScene = {
  /** Where `$PWD` and `~` lead; undefined where that is not certain. */
  variable(name: string): string | undefined;
  /** A pattern of names, where a variable stands for each of what it means. */
  pattern(name: string): string | undefined;
  script(script: ParsedScript): void;
  arithmetic(expression: ArithmeticExpression | undefined): void;
  doubt(text: string): void;
};

type Piece = { kind: "plain" | "quoted" | "glob"; text: string } | { kind: "unknown" | "digits"; quoted: boolean };

const maximumWords = 64;

/** The words that a word becomes: several by braces alone. */
export function evaluateWord(word: Word, scene: WordScene): ShellWord[] {
  const parts = word.parts;
  if (!parts) return [plainWord(word, scene)];
  const braced = expandBraces(parts, scene);
  const each = eachOf(parts, scene);
  if (each !== undefined) return [{ text: word.text, glob: each, start: /^[^*?[\\]*/.exec(each)?.[0] ?? "", many: false }];
  if (!braced) {
    scene.doubt(`what ${word.text} becomes is not certain`);
    walkParts(word, scene);
    return [{ text: word.text, start: "", many: true }];
  }
  // Without quotes nothing remains of a word that became empty.
  const there = braced.filter((pieces) => pieces.some((piece) => piece.kind !== "plain" || piece.text !== ""));
  return there.map((pieces) => joined(pieces, word.text, scene));
}

/** `"$f"` in a loop over a pattern: one name of those that it means, whatever it is. */
function eachOf(parts: readonly WordPart[], scene: WordScene): string | undefined {
  const [only, ...more] = parts;
  if (more.length > 0 || only?.type !== "DoubleQuoted" || only.parts.length !== 1) return undefined;
  const [inner] = only.parts;
  return inner?.type === "SimpleExpansion" ? scene.pattern(inner.text.slice(1)) : undefined;
}

function plainWord(word: Word, scene: WordScene): ShellWord {
  const { text } = word;
  if (text.startsWith("~")) return tilde(text, scene);
  const value = unescaped(text);
  return { text, value, start: value, many: false };
}

function tilde(text: string, scene: WordScene): ShellWord {
  const [, user = "", rest = ""] = /^~([^/]*)(.*)$/s.exec(text) ?? [];
  const home = user === "" ? scene.variable("HOME") : undefined;
  if (home === undefined) {
    scene.doubt(`where ${text} leads is not known here`);
    return { text, start: "/", many: false };
  }
  const value = home + unescaped(rest);
  return { text, value, start: value, many: false };
}

/** Backslashes taken away as the shell does it outside of quotes. */
function unescaped(text: string): string {
  return text.replace(/\\(\n|[^])/g, (_, next: string) => (next === "\n" ? "" : next));
}

function expandBraces(parts: readonly WordPart[], scene: WordScene): Piece[][] | undefined {
  let words: Piece[][] = [[]];
  for (const part of parts) {
    const choices = part.type === "BraceExpansion" ? braceChoices(part.text) : [piecesOf(part, scene)];
    if (!choices || words.length * choices.length > maximumWords) return undefined;
    words = words.flatMap((word) => choices.map((choice) => [...word, ...choice]));
  }
  return words;
}

/** Plain lists and small ranges; undefined for all else. */
function braceChoices(text: string): Piece[][] | undefined {
  const inner = text.slice(1, -1);
  const range = /^(\d{1,4})\.\.(\d{1,4})$/.exec(inner);
  if (range) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    const padded = /^0\d/.test(range[1]!) || /^0\d/.test(range[2]!);
    if (padded || from > to || to - from > maximumWords) return undefined;
    return Array.from({ length: to - from + 1 }, (_, i) => [{ kind: "quoted", text: String(from + i) }]);
  }
  if (!/^[\w./@%+:=-]*(,[\w./@%+:=-]*)+$/.test(inner) || inner.includes("..")) return undefined;
  return inner.split(",").map((choice) => [{ kind: "plain", text: choice }]);
}

function piecesOf(part: WordPart, scene: WordScene): Piece[] {
  switch (part.type) {
    case "Literal":
      return [{ kind: "plain", text: part.text }];
    case "SingleQuoted":
      return [{ kind: "quoted", text: part.value }];
    case "AnsiCQuoted":
      return [ansi(part.text)];
    case "Glob":
      if (part.parts?.every((inner) => inner.type === "Literal") ?? true) return [{ kind: "glob", text: part.text }];
      for (const inner of part.parts ?? []) piecesOf(inner, scene);
      return [{ kind: "unknown", quoted: false }];
    case "DoubleQuoted":
      return part.parts.flatMap((inner): Piece[] =>
        inner.type === "Literal" ? [{ kind: "quoted", text: inDoubleQuotes(inner.text) }] : [dynamic(inner, scene, true)],
      );
    case "LocaleString":
      scene.doubt("a translated text is not known here");
      for (const inner of part.parts) piecesOf(inner, scene);
      return [{ kind: "unknown", quoted: true }];
    default:
      return [dynamic(part, scene, false)];
  }
}

function inDoubleQuotes(text: string): string {
  return text.replace(/\\([\n$`"\\])/g, (_, next: string) => (next === "\n" ? "" : next));
}

const ansiEscapes: Record<string, string> = { n: "\n", t: "\t", "\\": "\\", "'": "'", '"': '"' };

function ansi(text: string): Piece {
  let known = true;
  const value = text.slice(2, -1).replace(/\\(.)/gs, (_, next: string) => {
    if (ansiEscapes[next] === undefined) known = false;
    return ansiEscapes[next] ?? "";
  });
  return known ? { kind: "quoted", text: value } : { kind: "unknown", quoted: true };
}

function dynamic(part: WordPart, scene: WordScene, quoted: boolean): Piece {
  switch (part.type) {
    case "SimpleExpansion":
      return variable(part.text.slice(1), scene, quoted);
    case "ParameterExpansion":
      return parameter(part, scene, quoted);
    case "CommandExpansion":
      if (part.script) scene.script(part.script);
      else scene.doubt("a substitution could not be read");
      return { kind: "unknown", quoted };
    case "ProcessSubstitution":
      if (part.script) scene.script(part.script);
      else scene.doubt("a substitution could not be read");
      return { kind: "quoted", text: "/dev/fd/63" };
    case "ArithmeticExpansion":
      scene.arithmetic(part.expression);
      if (!isPlainArithmetic(part.text.slice(3, -2))) scene.doubt(`arithmetic can run commands: ${part.text}`);
      return { kind: "digits", quoted };
    default:
      scene.doubt(`${part.text} is not understood`);
      if ("parts" in part) for (const inner of part.parts ?? []) piecesOf(inner, scene);
      return { kind: "unknown", quoted };
  }
}

/** Names are looked into again by the shell, so that their values could hold commands: only figures are certain. */
export function isPlainArithmetic(text: string): boolean {
  return /^[\d\s+\-*/%()<>=!&|^~?:,]*$/.test(text) && !/\+\+|--/.test(text);
}

function variable(name: string, scene: WordScene, quoted: boolean): Piece {
  if (/^[?#$!]$/.test(name)) return { kind: "digits", quoted };
  const value = scene.variable(name);
  if (value !== undefined && (quoted || /^[\w./+@:-]*$/.test(value))) return { kind: "quoted", text: value };
  return { kind: "unknown", quoted: quoted && name !== "@" };
}

type Parameter = Extract<WordPart, { type: "ParameterExpansion" }>;

function parameter(part: Parameter, scene: WordScene, quoted: boolean): Piece {
  const { operation, index, prefix } = part;
  if (index && !/^(\d+|@|\*)$/.test(index.text)) scene.doubt(`an index can run commands: ${part.text}`);
  if (index) walkParts(index, scene);
  if (prefix === "!" || (prefix !== undefined && prefix !== "#")) scene.doubt(`an indirect name can run commands: ${part.text}`);
  if (!operation) {
    if (prefix === "#") return { kind: "digits", quoted };
    return index ? { kind: "unknown", quoted: false } : variable(part.parameter, scene, quoted);
  }
  operands(part, scene);
  return { kind: "unknown", quoted: quoted && part.parameter !== "@" };
}

function operands({ operation, text }: Parameter, scene: WordScene): void {
  switch (operation?.type) {
    case "Default":
      if (operation.operator.includes("=")) scene.doubt(`it sets a variable: ${text}`);
      return walkParts(operation.operand, scene);
    case "Remove":
      return walkParts(operation.operand, scene);
    case "Replace":
      walkParts(operation.pattern, scene);
      return walkParts(operation.replacement, scene);
    case "CaseModification":
      return operation.operand ? walkParts(operation.operand, scene) : undefined;
    case "Slice":
      walkParts(operation.offset, scene);
      if (operation.length) walkParts(operation.length, scene);
      if (!isPlainArithmetic(`${operation.offset.text}${operation.length?.text ?? ""}`))
        scene.doubt(`arithmetic can run commands: ${text}`);
      return;
    default:
      scene.doubt(`its effect is not certain: ${text}`);
      if (operation?.type === "Transform") walkParts(operation.operand, scene);
  }
}

/** Only for what a word holds, not for its value. */
export function walkParts(word: Word, scene: WordScene): void {
  for (const part of word.parts ?? []) piecesOf(part, scene);
}

function joined(pieces: Piece[], text: string, scene: WordScene): ShellWord {
  const [first] = pieces;
  if (first?.kind === "plain" && first.text.startsWith("~")) {
    const home = /^~(?=\/|$)/.test(first.text) && (first.text.length > 1 || pieces.length === 1) ? scene.variable("HOME") : undefined;
    if (home === undefined) scene.doubt(`where ${text} leads is not known here`);
    pieces = [{ kind: "quoted", text: home ?? "/" }, { kind: "plain", text: first.text.slice(1) }, ...pieces.slice(1)];
  }
  const isKnown = pieces.every((piece) => "text" in piece);
  const hasGlob = pieces.some(({ kind }) => kind === "glob");
  if (isKnown && !hasGlob) {
    const value = pieces.map((piece) => valueOf(piece)).join("");
    return { text, value, start: value, many: false };
  }
  const end = pieces.findIndex(({ kind }) => kind === "glob" || kind === "unknown" || kind === "digits");
  const start = pieces.slice(0, end).map(valueOf).join("");
  if (isKnown) return { text, start, many: true, glob: pieces.map(asPattern).join("") };
  const digits = pieces.every(({ kind }) => kind === "digits");
  const loose = hasGlob || pieces.some((piece) => !("text" in piece) && !piece.quoted && piece.kind !== "digits");
  return { text, start: digits ? "0" : start, many: loose, ...(digits ? { digits } : {}) };
}

function valueOf(piece: Piece): string {
  if (!("text" in piece)) return "";
  return piece.kind === "plain" ? unescaped(piece.text) : piece.text;
}

function asPattern(piece: Piece): string {
  if (!("text" in piece)) return "";
  return piece.kind === "glob" ? piece.text : valueOf(piece).replace(/[\\*?[\](){}!+@|]/g, "\\$&");
}

export function homeFolder(): string {
  return homedir();
}

/** A word whose value is known, made by us. */
export function literal(value: string): ShellWord {
  return { text: value, value, start: value, many: false };
}
