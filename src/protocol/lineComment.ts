// What a person says of lines, as words: where it was said, and the prompt of the run that answers it.

import type { LineComment } from "./events.ts";

export function placeOf({ path, line, endLine = line }: LineComment): string {
  return endLine > line ? `${path}:${line}-${endLine}` : `${path}:${line}`;
}

export function promptOf(comments: LineComment[]): string {
  const said = comments.map((comment) => `${placeOf(comment)}\n${comment.text.trim()}`);
  return [comments.length === 1 ? "A comment on the result:" : `${comments.length} comments on the result:`, ...said].join("\n\n");
}
