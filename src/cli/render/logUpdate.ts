// Lines at the bottom of a terminal that are replaced in place. Owns the cursor while they stand.

import { stripVTControlCharacters } from "node:util";

export type LogUpdate = { show(lines: string[]): void; /** Leaves the lines where they are and goes on below them. */ leave(): void };

export function createLogUpdate(stdout: NodeJS.WriteStream): LogUpdate {
  let height = 0;
  let shown = "";
  return {
    show(lines) {
      const columns = stdout.columns || 100;
      const cut = lines.map((line) => cutTo(line, columns - 1));
      const next = cut.join("\n");
      if (next === shown) return;
      const up = height > 1 ? `\u001b[${height - 1}A` : "";
      const clear = height > 0 ? `\r${up}\u001b[J` : "";
      stdout.write(`${clear}${next}`);
      shown = next;
      height = cut.length;
    },
    leave() {
      if (height > 0) stdout.write("\n");
      height = 0;
      shown = "";
    },
  };
}

const escape = String.fromCodePoint(27);
const colourCode = new RegExp(`(${escape}\\[[0-9;]*m)`);

/** Cuts by visible characters, colour codes not counted. */
function cutTo(line: string, width: number): string {
  if (stripVTControlCharacters(line).length <= width) return line;
  let seen = 0;
  let out = "";
  for (const part of line.split(colourCode)) {
    if (part.startsWith(escape)) out += part;
    else {
      out += part.slice(0, Math.max(0, width - 1 - seen));
      seen += part.length;
    }
  }
  return `${out}…\u001b[0m`;
}
