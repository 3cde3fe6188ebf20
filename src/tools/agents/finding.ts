// A reviewer's finding as models write it: everybody has words of their own for how bad something is, and a finding must
// not get lost over one. Owns the reading; what follows from a severity is core's.

import { z } from "zod";
import type { Finding } from "../../protocol/agents.ts";

export const finding = z.object({
  severity: z.string().nullish().describe("info, low, medium, high or critical"),
  file: z.string().nullish(),
  line: z.union([z.number(), z.string()]).nullish(),
  message: z.string().min(1),
});

const severities: Record<Finding["severity"], string[]> = {
  critical: ["critical", "blocker", "blocking", "fatal"],
  high: ["high", "major", "error", "severe", "serious"],
  medium: ["medium", "moderate", "warning", "warn"],
  low: ["low", "minor", "trivial", "nit"],
  info: ["info", "informational", "note", "hint", "suggestion"],
};

const bySeverity = new Map(
  Object.entries(severities).flatMap(([severity, words]) => words.map((word) => [word, severity as Finding["severity"]])),
);

export function readFinding(given: z.infer<typeof finding>): Finding {
  const line = Number.parseInt(String(given.line), 10);
  return {
    severity: bySeverity.get(given.severity?.trim().toLowerCase() ?? "") ?? "medium",
    ...(given.file ? { file: given.file } : {}),
    ...(line >= 0 ? { line } : {}),
    message: given.message,
  };
}
