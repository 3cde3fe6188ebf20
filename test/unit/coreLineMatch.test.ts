// How far lines are followed: each change is made with a seed, so that it is known which line became which. The least
// shares below are what is promised; what was measured is printed with AO_MEASURE=1.

import assert from "node:assert/strict";
import { followLines, newLines } from "../../src/core/lineMatch.ts";
import { random as randomOf } from "../support/random.ts";

/** A whole number below `n`. */
type Random = (n: number) => number;

/** A line, and the one of the older text that it is; undefined for a new one. */
type Line = { text: string; from?: number };

const names = ["total", "price", "order", "client", "parcel", "weight", "label", "route", "depot", "ledger"];

function program(random: Random, count: number): string[] {
  const name = (): string => names[random(names.length)]!;
  return Array.from({ length: count }, (_, i) => {
    switch (random(6)) {
      case 0:
        return `function ${name()}${i}(${name()}, ${name()}) {`;
      case 1:
        return "}";
      case 2:
        return "";
      case 3:
        return `  return ${name()}.${name()}(${name()}, '${name()}')`;
      default:
        return `  const ${name()}${random(40)} = ${name()}(${name()}.${name()}, ${random(90)})`;
    }
  });
}

const asLines = (texts: string[]): Line[] => texts.map((text, from) => ({ text, from }));

const formatter = (lines: Line[]): Line[] =>
  lines.flatMap(({ text, ...of }): Line[] => {
    const plain = text.replace(/^ {2}/, "\t").replaceAll("'", '"');
    const ended = plain.endsWith(")") ? `${plain};` : plain;
    const call = /^(\tconst .*\()(.*)(\);)$/.exec(ended);
    return call && ended.length > 44
      ? [call[1]!, `\t\t${call[2]!},`, `\t${call[3]!}`].map((part) => ({ text: part, ...of }))
      : [{ text: ended, ...of }];
  });

const person = (random: Random, lines: Line[]): Line[] =>
  lines.flatMap((line, i): Line[] => {
    switch (random(12)) {
      case 0:
        return [];
      case 1:
        return [line, { text: `  // a note of a person, number ${i}` }];
      case 2:
        return [{ ...line, text: line.text.replace(/\b(const|return) (\w+)/, "$1 renamed") }];
      default:
        return [line];
    }
  });

const moving = (random: Random, lines: Line[]): Line[] => {
  const at = random(lines.length - 12);
  const block = lines.slice(at, at + 12);
  const rest = lines.toSpliced(at, 12);
  return rest.toSpliced(random(rest.length), 0, ...block);
};

const kinds: Record<string, { least: number; mostWrong: number; change: (random: Random, lines: Line[]) => Line[] }> = {
  "a formatter": { least: 0.97, mostWrong: 0.01, change: (_random, lines) => formatter(lines) },
  "a person's edits": { least: 0.95, mostWrong: 0.01, change: person },
  "a block that moves": { least: 0.97, mostWrong: 0.01, change: moving },
  "all three": { least: 0.93, mostWrong: 0.01, change: (random, lines) => formatter(person(random, moving(random, lines))) },
};

describe("lines are followed through", () => {
  for (const [kind, { least, mostWrong, change }] of Object.entries(kinds))
    it(`${kind}: at least ${least * 100} of 100 are found, and at most ${mostWrong * 100} of 100 are held for another`, () => {
      let [kept, right, wrong] = [0, 0, 0];
      for (let seed = 1; seed <= 12; seed++) {
        const next = randomOf(seed);
        const random: Random = (n) => Math.floor(next() * n);
        const before = program(random, 150);
        const after = change(random, asLines(before));
        const matches = followLines(
          before,
          after.map(({ text }) => text),
        );
        for (const [i, { from }] of after.entries()) {
          const found = matches[i]?.from;
          if (from !== undefined) kept++;
          if (from !== undefined && found === from) right++;
          // Lines of the same words cannot be told apart, and need not be.
          else if (found !== undefined && (from === undefined || before[found] !== before[from])) wrong++;
        }
      }
      const [share, mistaken] = [right / kept, wrong / kept];
      if (process.env["AO_MEASURE"])
        console.log(`      ${kind}: ${(share * 100).toFixed(1)} found, ${(mistaken * 100).toFixed(1)} mistaken of 100`);
      assert.ok(share >= least, `only ${share} of the lines were found`);
      assert.ok(mistaken <= mostWrong, `${mistaken} of the lines were held for another`);
    });
});

describe("new lines", () => {
  it("are those that were nowhere before; whitespace and place make no new author", () => {
    const before = ["alpha one two", "beta three four", "gamma five six"];
    assert.deepEqual([...newLines(before, ["gamma five six", "  alpha one two", "delta seven", "beta three four;"])], [2]);
    assert.deepEqual([...newLines([], ["a", "", "}"])], [0, 1, 2]);
    assert.deepEqual([...newLines(["a"], [])], []);
  });
});
