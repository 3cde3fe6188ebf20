// Named places to which the user's files can be taken back.

import type { EventDraft } from "../protocol/events.ts";
import type { Commit } from "../protocol/ids.ts";
import type { Ports } from "./ports.ts";

const longestName = 60;

/** The user's own files before or after something that is known by its first words. */
export function checkpoint(ports: Pick<Ports, "ids">, when: "before" | "after", what: string, commit: Commit): EventDraft {
  const payload = { checkpointId: ports.ids.next("k"), name: `${when}: ${firstWords(what)}`, commit };
  return { type: "checkpoint.created", actor: "orchestrator", payload };
}

function firstWords(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  if (line.length <= longestName) return line;
  const cut = line.slice(0, longestName);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), longestName / 2)).trimEnd()}…`;
}
