// What a person says of lines, as words: where it was said, and the prompt of the run that answers it.

import type { LineComment } from "./events.ts";

export function placeOf({ path, line, endLine = line }: LineComment): string {
  return endLine > line ? `${path}:${line}-${endLine}` : `${path}:${line}`;
}

export function promptOf(comments: LineComment[]): string {
  const [only, ...more] = comments;
  if (only && more.length === 0) return `Comment on ${placeOf(only)}\n\n${only.text.trim()}`;
  const files = [...new Set(comments.map(({ path }) => path))].join(", ");
  const said = comments.map((comment) => `${placeOf(comment)}\n${comment.text.trim()}`);
  return [`${comments.length} comments on ${files}`, ...said].join("\n\n");
}
