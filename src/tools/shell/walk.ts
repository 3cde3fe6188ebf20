// Goes through every command of a command line, at any depth, and follows what `cd` makes of relative paths. What a
// single command does is simpleCommand.ts.

import type { Assignment, Command, CommandNode, CompoundList, ParsedScript, Redirection, Statement, SyntaxNode, Word } from "unbash";
import { evaluateWord, isPlainArithmetic, literal, walkParts } from "./shellWord.ts";
import type { ShellWord, WordScene } from "./shellWord.ts";
import { doubt, leadsNowhere, touch, patternIn, setVariable, unite, variableIn } from "./scene.ts";
import type { Ends, Folders, Scene, Walk } from "./scene.ts";
import { judgeSimple } from "./simpleCommand.ts";
import { assignmentIn, isTelling, prefixesOf } from "./variables.ts";

const maximumSteps = 3000;
const maximumDepth = 20;

export function walkScript(walk: Walk, script: ParsedScript, folders: Folders): Ends {
  if (walk.depth >= maximumDepth || walk.spent.steps > maximumSteps) {
    doubt(walk, "it is nested too deeply or too long");
    return { ok: undefined, ko: undefined };
  }
  if (script.errors && script.errors.length > 0) doubt(walk, `it could not be read: ${script.errors[0]!.message}`);
  walk.depth++;
  const ends = walkStatements(walk, script.commands, folders);
  walk.depth--;
  return ends;
}

/** Assignments that certainly happen, before all that follows: those that stand alone in the outermost list. */
export function certainAssignments(script: ParsedScript): Set<SyntaxNode> {
  const nodes = script.commands.map(({ command, background }) => {
    if (background) return undefined;
    return command.type === "AndOr" ? command.commands[0] : command;
  });
  return new Set(nodes.filter((node) => node?.type === "Command" && !node.name) as SyntaxNode[]);
}

function walkStatements(walk: Walk, statements: readonly Statement[], folders: Folders): Ends {
  let ends: Ends = { ok: folders, ko: folders };
  for (const [i, statement] of statements.entries()) {
    if (walk.spent.steps++ > maximumSteps) {
      doubt(walk, "it has too many commands");
      break;
    }
    const before = i === 0 ? folders : unite(ends.ok, ends.ko);
    const after = walkNode(walk, statement.command, before);
    ends = statement.background ? { ok: before, ko: before } : after;
  }
  return ends;
}

function walkList(walk: Walk, list: CompoundList, folders: Folders): Ends {
  return walkStatements(walk, list.commands, folders);
}

type Node = Statement["command"] | CommandNode | Extract<SyntaxNode, { type: "Redirected" }>;

function walkNode(walk: Walk, node: Node, folders: Folders): Ends {
  const stay: Ends = { ok: folders, ko: folders };
  switch (node.type) {
    case "AndOr": {
      let ends = walkNode(walk, node.commands[0]!, folders);
      for (const [i, operator] of node.operators.entries()) {
        const next = walkNode(walk, node.commands[i + 1]!, operator === "&&" ? ends.ok : ends.ko);
        ends = operator === "&&" ? { ok: next.ok, ko: unite(ends.ko, next.ko) } : { ok: unite(ends.ok, next.ok), ko: next.ko };
      }
      return ends;
    }
    case "Pipeline": {
      const ends = node.commands.map((command, i) => {
        walk.piped = i > 0 && command.type === "Command" ? namesFrom(node.commands[i - 1]!) : undefined;
        return walkNode(walk, command, folders);
      });
      const turned = node.prefixes.filter(({ type }) => type === "Negation").length % 2 === 1;
      const only = ends.length === 1 ? ends[0]! : stay;
      return turned ? { ok: only.ko, ko: only.ok } : only;
    }
    case "Command":
      return walkCommand(walk, node, folders);
    case "Redirected": {
      const scene = { walk, folders };
      const from = walk.found.commands.length;
      const writes = redirectAll(scene, node.redirects);
      const ends = walkNode(walk, node.command, folders);
      if (writes) markWriting(walk, from);
      return ends;
    }
    case "Subshell":
      walkList(walk, node.body, folders);
      return stay;
    case "BraceGroup":
      return walkList(walk, node.body, folders);
    case "Function":
      walkFunction(walk, node);
      return stay;
    case "Coproc":
      doubt(walk, "coproc is not understood");
      if (node.body.type === "CompoundList") walkList(walk, node.body, folders);
      else walkNode(walk, node.body, folders);
      return stay;
    case "TestCommand":
    case "ArithmeticCommand":
      walkExpression({ walk, folders }, node);
      return stay;
    default:
      return walkCompound(walk, node, folders);
  }
}

type Compound = Extract<Node, { type: "If" | "For" | "Select" | "While" | "Case" | "ArithmeticFor" }>;

function walkCompound(walk: Walk, node: Compound, folders: Folders): Ends {
  const scene = { walk, folders };
  switch (node.type) {
    case "If": {
      let condition = walkList(walk, node.clause, folders);
      let after = both(walkList(walk, node.then, condition.ok));
      for (const branch of node.elif) {
        condition = walkList(walk, branch.clause, condition.ko);
        after = unite(after, both(walkList(walk, branch.then, condition.ok)));
      }
      after = unite(after, node.else ? both(walkList(walk, node.else, condition.ko)) : condition.ko);
      return { ok: after, ko: after };
    }
    case "For":
    case "Select":
      return walkEach(scene, node);
    case "While":
      return repeat(walk, folders, (start) => {
        const condition = walkList(walk, node.clause, start);
        return { ok: condition.ko, ko: both(walkList(walk, node.body, condition.ok)) };
      });
    case "ArithmeticFor":
      doubt(walk, "arithmetic can run commands: for ((…))");
      return repeat(walk, folders, (start) => walkList(walk, node.body, start));
    case "Case": {
      evaluate(scene, node.word);
      let after = folders;
      for (const item of node.items) {
        for (const pattern of item.pattern) walkParts(pattern, wordScene(scene));
        after = unite(after, both(walkList(walk, item.body, after)));
      }
      return { ok: after, ko: after };
    }
    default:
      return { ok: folders, ko: folders };
  }
}

const maximumRounds = 8;

/** Where the words are known the body is gone through with each of them. */
function walkEach(scene: Scene, node: Extract<Node, { type: "For" | "Select" }>): Ends {
  const { walk, folders } = scene;
  const name = node.name.text;
  if (isTelling(name)) doubt(walk, `${name} changes what follows`);
  const words = (node.wordlist ?? []).flatMap((word) => evaluate(scene, word));
  const values = words.map(({ value }) => value);
  const [first] = words;
  const isKnown = node.type === "For" && node.wordlist !== undefined && values.length <= maximumRounds && !values.includes(undefined);
  let ends: Ends = { ok: folders, ko: folders };
  const { commands } = walk.found;
  let last = "";
  for (const value of isKnown ? new Set(values) : [undefined]) {
    const mark = commands.length;
    setVariable(walk, name, value);
    if (words.length === 1 && first?.glob !== undefined) walk.patterns.set(name, first.glob);
    const round = repeat(walk, folders, (start) => walkList(walk, node.body, start));
    ends = { ok: unite(ends.ok, round.ok), ko: unite(ends.ko, round.ko) };
    const these = JSON.stringify(commands.slice(mark));
    if (these === last) commands.length = mark;
    last = these;
  }
  // Afterwards it has the last value, or none.
  setVariable(walk, name, undefined);
  return ends;
}

function both({ ok, ko }: Ends): Folders {
  return unite(ok, ko);
}

/** A body that changes its folder or a variable may begin with another one the next time. */
function repeat(walk: Walk, folders: Folders, body: (start: Folders) => Ends): Ends {
  const mark = walk.found.commands.length;
  const known = [...walk.variables].filter(([, value]) => value !== undefined).map(([name]) => name);
  const patterns = [...walk.patterns.keys()];
  const links = walk.links.length;
  const once = both(body(folders));
  const moved = folders !== undefined && (once === undefined || once.some((folder) => !folders.includes(folder)));
  const isKept =
    known.every((name) => walk.variables.get(name) !== undefined) &&
    patterns.every((name) => walk.patterns.has(name)) &&
    walk.links.length === links;
  if (!moved && isKept) return { ok: folders, ko: folders };
  walk.found.commands.length = mark;
  const start = moved ? undefined : folders;
  body(start);
  return { ok: start, ko: start };
}

function walkFunction(walk: Walk, node: Extract<Node, { type: "Function" }>): void {
  const { body } = node;
  walk.functions.add(node.name.text);
  // Where it will be called, and how often, is not followed.
  if (body.type === "CompoundList") walkList(walk, body, undefined);
  else walkNode(walk, body, undefined);
}

/** The operands of `[[ … ]]` and of `(( … ))`: the shell evaluates some of them once more. */
function walkExpression(scene: Scene, node: SyntaxNode & { type: "TestCommand" | "ArithmeticCommand" }): void {
  const { walk } = scene;
  if (node.type === "ArithmeticCommand") {
    if (!isPlainArithmetic(node.body)) doubt(walk, `arithmetic can run commands: ((${node.body}))`);
    descend(scene, node.expression);
    return;
  }
  const visit = (expression: typeof node.expression): void => {
    switch (expression.type) {
      case "TestUnary": {
        const [operand] = evaluate(scene, expression.operand);
        if (/^-[vR]$/.test(expression.operator) && !/^\w+$/.test(operand?.value ?? ""))
          doubt(walk, `${expression.operator} can run commands that stand in an index`);
        return;
      }
      case "TestBinary": {
        const words = [...evaluate(scene, expression.left), ...evaluate(scene, expression.right)];
        const isNumber = (word: ShellWord): boolean => word.digits === true || /^-?\d+$/.test(word.value ?? "");
        if (/^-(eq|ne|lt|le|gt|ge)$/.test(expression.operator) && !words.every(isNumber))
          doubt(walk, `arithmetic can run commands: ${expression.left.text} ${expression.operator} ${expression.right.text}`);
        return;
      }
      case "TestLogical":
        return expression.operands.forEach(visit);
      case "TestNot":
        return visit(expression.operand);
      default:
        visit(expression.expression);
    }
  };
  visit(node.expression);
}

/** Commands within arithmetic. */
function descend(scene: Scene, node: Extract<SyntaxNode, { type: "ArithmeticCommand" }>["expression"]): void {
  switch (node?.type) {
    case "ArithmeticCommandExpansion":
      if (node.script) walkScript(scene.walk, node.script, scene.folders);
      return;
    case "ArithmeticWord":
      for (const part of node.parts ?? [])
        if (part.type === "CommandExpansion" && part.script) walkScript(scene.walk, part.script, scene.folders);
      return;
    case "ArithmeticBinary":
      descend(scene, node.left);
      return descend(scene, node.right);
    case "ArithmeticUnary":
      return descend(scene, node.operand);
    case "ArithmeticTernary":
      descend(scene, node.test);
      descend(scene, node.consequent);
      return descend(scene, node.alternate);
    case "ArithmeticGroup":
      return descend(scene, node.expression);
    default:
  }
}

export function wordScene(scene: Scene): WordScene {
  return {
    variable: (name) => variableIn(scene, name),
    pattern: (name) => patternIn(scene, name),
    script: (script) => {
      walkScript(scene.walk, script, scene.folders);
    },
    doubt: (text) => doubt(scene.walk, text),
    arithmetic: (expression) => descend(scene, expression),
  };
}

function evaluate(scene: Scene, word: Word): ShellWord[] {
  return evaluateWord(word, wordScene(scene));
}

function walkCommand(walk: Walk, command: Command, folders: Folders): Ends {
  const scene: Scene = { walk, folders, ...(walk.piped ? { piped: walk.piped } : {}) };
  walk.piped = undefined;
  walk.reached.add(command);
  const at = walk.found.commands.length;
  const assignments = command.prefix.filter((part): part is Assignment => part.type === "Assignment");
  const values = assignments.map((assignment) => assignmentIn(assignment, wordScene(scene)));
  const args = [...(command.name ? [command.name] : []), ...command.args];
  const words = args.flatMap((word) => (word.type === "Word" ? evaluate(scene, word) : [assignmentIn(word, wordScene(scene)).word]));
  const writes = redirectAll(scene, command.redirects);
  // What stands within its words was found first; the command itself comes before it.
  const inner = walk.found.commands.splice(at);
  const beyond = prefixesOf(walk, values, words.length === 0, walk.certain.has(command));
  const ends = words.length === 0 ? { ok: folders, ko: folders } : judgeSimple(scene, words, beyond);
  if (writes) markWriting(walk, at);
  walk.found.commands.push(...inner);
  return ends;
}

/** The shell opens the file for the first of these commands, which so does more than read. */
function markWriting(walk: Walk, from: number): void {
  const first = walk.found.commands[from];
  if (first?.effect === "reads") first.effect = "writes";
}

/** Whether one of them writes to a file. */
function redirectAll(scene: Scene, redirections: readonly Redirection[]): boolean {
  return redirections.map((one) => redirect(scene, one)).includes(true);
}

/** What a search hands on that ends each name with a null character, so that no name can be taken for two. */
function namesFrom(node: CommandNode): ShellWord[] | undefined {
  if (node.type !== "Command" || node.redirects.length > 0) return undefined;
  const words = [node.name, ...node.args].map((word) => {
    const isLiteral = word?.type === "Word" && (word.parts?.every(({ type }) => type === "Literal" || type === "SingleQuoted") ?? true);
    return isLiteral ? word.value : undefined;
  });
  if (words.includes(undefined)) return undefined;
  const [name, ...rest] = words as string[];
  if (name === "git" && rest[0] === "ls-files" && rest.includes("-z")) return [{ text: "…", glob: "*", start: "", many: true }];
  const prints = rest.filter((word) => /^-(f?print.*|f?ls|exec.*|ok.*)$/.test(word));
  if (name !== "find" || prints.length !== 1 || rest.at(-1) !== "-print0") return undefined;
  const starts = rest.slice(
    0,
    rest.findIndex((word) => /^[-!(]/.test(word)),
  );
  return starts.length === 0 ? [literal(".")] : starts.map(literal);
}

function redirect(scene: Scene, redirection: Redirection): boolean {
  if (redirection.type === "HereDoc") {
    for (const part of redirection.body.parts ?? [])
      walkParts({ type: "Word", text: "", value: "", pos: 0, end: 0, parts: [part] }, wordScene(scene));
    return false;
  }
  const { target, operator } = redirection;
  const [word, ...more] = target ? evaluate(scene, target) : [];
  if (redirection.type === "HereString") return false;
  if (!word || more.length > 0) {
    doubt(scene.walk, `where ${target?.text ?? operator} leads is not certain`);
    return true;
  }
  // `2>&1`, `>&-`, `<&3`: no file.
  if ((operator === ">&" || operator === "<&") && /^(\d+-?|-)$/.test(word.value ?? "")) return false;
  if (/^\/dev\/(tcp|udp)\//.test(word.start)) {
    scene.walk.found.network = true;
    doubt(scene.walk, `${word.text} connects elsewhere`);
    return true;
  }
  if (operator === "<" || operator === "<&") {
    touch(scene, word, "read");
    return false;
  }
  const { places } = scene.walk.found;
  const before = places.splice(0);
  touch(scene, word, "write");
  for (const place of places) place.redirected = true;
  places.unshift(...before);
  return !leadsNowhere(word);
}
