// `ao compare A B`: two sessions side by side, forks of one as a rule.

import { compareSessions, type Comparison, type Side } from "../../runtime/compare.ts";
import { dataDirOf } from "../../runtime/places.ts";
import type { Command } from "../command.ts";
import { jsonOption } from "../command.ts";
import { columnsOf, cost, counted, cutTo, duration, fileNames, oneLine, visible } from "../format.ts";
import { sessionNamed, withStore } from "../open.ts";
import { shortModelLabel } from "../render/eventLine.ts";
import { fileLines } from "../render/question.ts";
import { CommandError, exit } from "../usage.ts";

const labelWidth = 9;
const columnWidth = 34;

export const compareCommand: Command = {
  name: "compare",
  args: "A B [--stat] [--json]",
  summary: "Compare two sessions, forks of one for instance: result, cost, time, and the diff of their results",
  options: {
    stat: { type: "boolean", describe: "of the diff, only the files and their figures" },
    json: jsonOption,
  },
  arity: [2, 2],
  run: ({ positionals, values, io }) =>
    withStore(io, async (store) => {
      const [a, b] = [await sessionNamed(store, positionals[0]!), await sessionNamed(store, positionals[1]!)];
      if (a.id === b.id) throw new CommandError(`${a.id} is the same session twice; fork it first: ao fork ${a.id} --at SEQ`);
      const found = await compareSessions({ store, dataDir: dataDirOf(io.env) }, a, b);
      if (values["json"]) io.out(JSON.stringify(found));
      else for (const line of comparisonLines(found, values["stat"] === true)) io.out(line);
      return exit.done;
    }),
};

function comparisonLines({ common, a, b, diff }: Comparison, onlyFiles: boolean): string[] {
  const parts = common === 0 ? "They have no past in common." : `They part after event ${common}; figures count from there.`;
  const lines = [parts, "", ...rows.flatMap(([label, say]) => row(label, say(a), say(b)))];
  for (const [letter, { answer, reason }] of [["A", a] as const, ["B", b] as const]) {
    const said = [answer, reason ?? ""].filter(Boolean).join("\n");
    lines.push("", `Answer of ${letter}:`, said ? visible(said) : "(none)");
  }
  if (!diff) return [...lines, "", "One of them has not looked at files: there is no diff."];
  if (diff.files.length === 0) return [...lines, "", "Their results are the same, file for file."];
  const head = `From the result of A to that of B: ${counted(diff.files.length, "file")}`;
  return [...lines, "", head, ...fileLines(diff.files).map(visible), ...(onlyFiles ? [] : ["", visible(diff.text).trimEnd()])];
}

const rows: [label: string, say: (side: Side) => string][] = [
  ["", ({ sessionId }) => sessionId],
  ["name", ({ name }) => name],
  ["status", ({ status }) => status],
  ["model", ({ models }) => models.map(shortModelLabel).join(", ")],
  ["steps", ({ steps }) => `${steps.done} of ${steps.all} done`],
  ["turns", ({ turns, calls }) => `${turns} (${counted(calls, "call")})`],
  ["tokens", ({ tokens }) => tokens.toLocaleString("en-US")],
  ["cost", ({ costUsd }) => cost(costUsd ?? 0, costUsd === null)],
  ["time", ({ wallMs, workMs }) => (wallMs === workMs ? duration(workMs) : `${duration(workMs)} at work, ${duration(wallMs)} in all`)],
  ["checks", ({ checks }) => checks.join("; ") || "none"],
  ["files", ({ files, changes }) => (files.length === 0 ? "none" : `${fileNames(files)} (${changes})`)],
];

/** Both texts beside each other, each on as many lines as it needs. */
function row(label: string, a: string, b: string): string[] {
  const [left, right] = [wrapped(a), wrapped(b)];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, i) =>
    `${(i === 0 ? label : "").padEnd(labelWidth)}${padded(left[i] ?? "")}  ${right[i] ?? ""}`.trimEnd(),
  );
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of oneLine(text, 1_000).split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (columnsOf(longer) <= columnWidth) line = longer;
    else {
      if (line) lines.push(line);
      line = cutTo(word, columnWidth);
    }
  }
  return [...lines, line];
}

function padded(text: string): string {
  return text + " ".repeat(Math.max(0, columnWidth - columnsOf(text)));
}
