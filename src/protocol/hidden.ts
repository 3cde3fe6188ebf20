// Characters that a person does not see in a text, or that turn its direction.

/** The text with each of them written as its number, for a question whose every character counts. */
export function showHidden(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (hidden) => `\\u{${hidden.codePointAt(0)!.toString(16)}}`);
}
