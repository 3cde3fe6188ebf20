// Medians, rounds that alternate between two sides, and the table at the end.

export type Row = { what: string; ours: string; floor: string; ratio: string; goal: string };

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export type Compared = { floor: number; ours: number; ratio: number };

/** Floor, ours, floor, ours …: each ratio is taken within its round, so that a noisy moment hits both sides alike. */
export async function compare(rounds: number, floor: () => Promise<number>, ours: () => Promise<number>): Promise<Compared> {
  const floors: number[] = [];
  const mine: number[] = [];
  for (let round = 0; round < rounds; round++) {
    floors.push(await floor());
    mine.push(await ours());
  }
  return { floor: median(floors), ours: median(mine), ratio: median(mine.map((value, i) => value / floors[i]!)) };
}

/** Medians of figures that were gathered beside the compared ones, round by round. */
export function pair({ floor, ours }: { floor: number[]; ours: number[] }): Compared {
  return { floor: median(floor), ours: median(ours), ratio: median(ours.map((value, i) => value / floor[i]!)) };
}

/** Processor time of all this process's threads, in ms, since `before`. */
export function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

export const ms = (value: number): string => `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`;
export const times = (value: number): string => `${value.toFixed(2)}×`;
export const kib = (bytes: number): string => `${(bytes / 1024).toFixed(2)} KiB`;

export function printTable(rows: Row[]): void {
  const head: Row = { what: "what", ours: "ours", floor: "floor", ratio: "ratio", goal: "goal" };
  const keys = ["what", "ours", "floor", "ratio", "goal"] as const;
  const widths = keys.map((key) => Math.max(...[head, ...rows].map((row) => row[key].length)));
  const line = (row: Row): string => `| ${keys.map((key, i) => row[key].padEnd(widths[i]!)).join(" | ")} |\n`;
  process.stdout.write(line(head) + `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|\n` + rows.map(line).join(""));
}
