// Turning an agent off and on in the text of its own file, nothing else of it changed.

import { extname } from "node:path";
import { isSeq, parseDocument } from "yaml";

export function withEnabled(file: string, text: string, id: string, on: boolean): string {
  switch (extname(file)) {
    case ".md":
      return inFrontMatter(text, on);
    case ".json":
      return inJson(text, id, on);
    default:
      return inYaml(text, id, on);
  }
}

function inFrontMatter(text: string, on: boolean): string {
  const without = text.replace(/^enabled:.*\r?\n/m, "");
  return on ? without : without.replace(/^(\ufeff?---\r?\n)/, "$1enabled: false\n");
}

function inJson(text: string, id: string, on: boolean): string {
  const team = JSON.parse(text) as { agents: ({ id?: unknown; enabled?: boolean } | null)[] };
  for (const member of team.agents) {
    if (member?.id !== id) continue;
    if (on) delete member.enabled;
    else member.enabled = false;
  }
  return `${JSON.stringify(team, null, 2)}\n`;
}

function inYaml(text: string, id: string, on: boolean): string {
  const document = parseDocument(text);
  const members: unknown = document.get("agents");
  const count = isSeq(members) ? members.items.length : 0;
  for (let i = 0; i < count; i++) {
    if (document.getIn(["agents", i, "id"]) !== id) continue;
    if (on) document.deleteIn(["agents", i, "enabled"]);
    else document.setIn(["agents", i, "enabled"], false);
  }
  return document.toString({ lineWidth: 0 });
}
