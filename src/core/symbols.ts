// Which symbols of a file a change is in, read off its lines: declarations by language as data, nesting by indentation. A
// hint for agents that work at the same time, not a parser: what it does not know counts as no symbol. Pure.

import { linesOf, newLines } from "./lineMatch.ts";

/** What declares a symbol, matched at the first word of a line; the first group is its name. `inner`: only within another. */
type Declaration = { pattern: RegExp; inner?: true; outer?: true };

const word = "[\\w$]+";
const script: Declaration[] = [
  {
    pattern: new RegExp(
      `^(?:export\\s+)?(?:default\\s+)?(?:declare\\s+)?(?:abstract\\s+)?(?:async\\s+)?(?:function\\s*\\*?|class|interface|type|enum|namespace)\\s+(${word})`,
    ),
  },
  { pattern: new RegExp(`^(?:export\\s+)?(?:const|let|var)\\s+(${word})\\s*(?::[^=]+)?=`), outer: true },
  {
    pattern: new RegExp(
      `^(?:(?:public|private|protected|static|readonly|async|override|get|set|abstract)\\s+)*\\*?(?!(?:if|for|while|switch|catch|function|return|await)\\b)(#?${word})\\s*(?:<[^>]*>)?\\([^;]*\\{\\s*$`,
    ),
    inner: true,
  },
];
const python: Declaration[] = [{ pattern: /^(?:async\s+)?(?:def|class)\s+(\w+)/ }];
const rust: Declaration[] = [
  {
    pattern:
      /^(?:pub(?:\([^)]*\))?\s+)?(?:(?:async|unsafe|const|extern\s+"[^"]*")\s+)*(?:fn|struct|enum|trait|mod|union|macro_rules!)\s+(\w+)/,
  },
  { pattern: /^impl(?:<[^>]*>)?\s+([^{]+?)\s*(?:where\b.*)?\{?\s*$/ },
];
const go: Declaration[] = [{ pattern: /^(?:func\s+(?:\([^)]*\)\s*)?|type\s+)(\w+)/ }];
const ruby: Declaration[] = [{ pattern: /^(?:def|class|module)\s+([\w.:?!]+)/ }];
const typed: Declaration[] = [
  { pattern: /^(?:[\w<>@[\]]+\s+)*(?:class|interface|struct|enum|record|trait|object|namespace|fun|function)\s+(\w+)/ },
  { pattern: /^(?:[\w<>[\],.*&:~?]+ )+\*?(?!(?:if|for|while|switch|catch|return|new|else) ?\()([\w~:]+) ?\([^;]*$/ },
];
const sections: Declaration[] = [{ pattern: /^#+ ([^#]+)/ }];

const byEnding: Record<string, Declaration[]> = Object.fromEntries(
  (
    [
      ["ts tsx mts cts js jsx mjs cjs vue svelte", script],
      ["py pyi", python],
      ["rs", rust],
      ["go", go],
      ["rb", ruby],
      ["java kt kts cs c h cc cpp hpp swift php scala dart", typed],
      ["md mdx", sections],
    ] as const
  ).flatMap(([endings, declarations]) => endings.split(" ").map((ending) => [ending, declarations])),
);

const mostLines = 20_000;
/** No declaration is written like that, and patterns should not dwell on it. */
const longestLine = 300;

/** Of both sides: what a change removes is in a symbol as well. */
export function symbolsChanged(path: string, before: string, after: string): string[] {
  const declarations = byEnding[path.slice(path.lastIndexOf(".") + 1).toLowerCase()];
  const [old, fresh] = [linesOf(before), linesOf(after)];
  if (!declarations || old.length > mostLines || fresh.length > mostLines) return [];
  const touched = [...namesAt(declarations, old, newLines(fresh, old)), ...namesAt(declarations, fresh, newLines(old, fresh))];
  return [...new Set(touched)].toSorted();
}

type Open = { name: string; indent: number };

/** Goes through the file once, with the declarations that each line is in. */
function namesAt(declarations: Declaration[], lines: string[], wanted: Set<number>): string[] {
  const names: string[] = [];
  let open: Open[] = [];
  for (const [i, line] of lines.entries()) {
    const text = line.length > longestLine ? "" : line.trim().replaceAll(/\s+/g, " ");
    if (text === "") continue;
    const indent = line.length - line.trimStart().length;
    const closes = /^(?:[})\]]|end\b)/.test(text);
    const name = declared(declarations, text, indent, open);
    if (declarations === sections) open = name === undefined ? open : [{ name, indent: 0 }];
    else open = open.filter((one) => one.indent < indent || (one.indent === indent && closes));
    if (name !== undefined && declarations !== sections) open.push({ name, indent });
    if (wanted.has(i) && open.length > 0)
      names.push(
        open
          .slice(-2)
          .map((one) => one.name)
          .join("."),
      );
  }
  return names;
}

function declared(declarations: Declaration[], text: string, indent: number, open: Open[]): string | undefined {
  const isInner = open.some((one) => one.indent < indent);
  for (const { pattern, inner, outer } of declarations) {
    if ((inner && !isInner) || (outer && indent > 0)) continue;
    const name = pattern.exec(text)?.[1];
    if (name !== undefined) return name.trimEnd();
  }
  return undefined;
}
