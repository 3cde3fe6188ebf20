// Lines at the bottom of a terminal that are replaced in place. Owns the cursor while they stand; whoever gives the lines
// has cut them to the terminal's width.

export type LogUpdate = { show(lines: string[]): void; /** Leaves the lines where they are and goes on below them. */ leave(): void };

export function createLogUpdate(stdout: NodeJS.WriteStream): LogUpdate {
  let height = 0;
  let shown = "";
  return {
    show(lines) {
      const next = lines.join("\n");
      if (next === shown) return;
      const up = height > 1 ? `\u001b[${height - 1}A` : "";
      const clear = height > 0 ? `\r${up}\u001b[J` : "";
      stdout.write(`${clear}${next}`);
      shown = next;
      height = lines.length;
    },
    leave() {
      if (height > 0) stdout.write("\n");
      height = 0;
      shown = "";
    },
  };
}
