// `{{name}}` and `{{name | filter}}` in a script's texts. Filters change the writing of a name or look it up in one of
// the script's tables. An unknown name is a fault of the play, reported as text, never an exception.

export type Names = Record<string, string>;
type Tables = Record<string, Record<string, string>>;

const slot = /\{\{\s*(\w+)((?:\s*\|\s*\w+)*)\s*\}\}/g;

const filters: Record<string, (text: string) => string> = {
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  capital: (text) => text.charAt(0).toUpperCase() + text.slice(1),
  /** `priceOf` → `price of`. */
  words: (text) =>
    text
      .replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2")
      .replaceAll(/[-_]+/g, " ")
      .toLowerCase(),
  /** `src/a/b.ts` → `b.ts`. */
  base: (text) => text.slice(text.lastIndexOf("/") + 1),
  /** For use inside a regular expression. */
  literal: (text) => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`),
};

export class MissingName extends Error {
  override name = "MissingName";
}

export function fill(text: string, names: Names, tables: Tables): string {
  return text.replaceAll(slot, (_, name: string, chain: string) => {
    const value = names[name];
    if (value === undefined) throw new MissingName(`the script uses "${name}", which was not captured`);
    return chain
      .split("|")
      .slice(1)
      .reduce((word, filter) => apply(filter.trim(), word, tables), value);
  });
}

function apply(filter: string, word: string, tables: Tables): string {
  const change = filters[filter];
  if (change) return change(word);
  const found = tables[filter]?.[word.toLowerCase()];
  if (found === undefined) throw new MissingName(`the script has no "${filter}" for "${word}"`);
  return found;
}

/** The same for every text inside a value: the arguments of a call. */
export function fillAll(value: unknown, names: Names, tables: Tables): unknown {
  if (typeof value === "string") return fill(value, names, tables);
  if (Array.isArray(value)) return value.map((item) => fillAll(item, names, tables));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillAll(item, names, tables)]));
}
