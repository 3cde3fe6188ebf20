// Reads a command only when there can be no doubt about it: one simple command of plain and simply quoted words.
// Where it agrees with the parser, no second parser is needed. All else (lists, pipes, substitutions, globs, variables,
// escapes) is beyond it.

const doubtful = /[;&|<>$`(){}*?[\]~!#\\\n\r\0]|\p{Cc}|\p{Cf}/u;
/** Words that make the shell read what follows in a way of its own. */
const reserved = new Set(["if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "function", "select"]);
const others = new Set(["time", "coproc", "eval", "exec", "source", ".", "command", "builtin", "let", "test", "declare", "export", "trap"]);
const maximumLength = 4000;

/** The words of the command, or undefined when it is anything but one plain simple command. */
export function parseSimpleCommand(command: string): string[] | undefined {
  const text = command.replace(/^[ \t]+|[ \t\n]+$/g, "");
  if (text === "" || text.length > maximumLength || doubtful.test(withoutQuoted(text) ?? "`")) return undefined;
  const words: string[] = [];
  const pattern = /[ \t]+|((?:[^ \t"']|"[^"]*"|'[^']*')+)/gy;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    if (match[1] === undefined) continue;
    words.push(match[1].replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ""));
  }
  const name = words[0];
  // An assignment before the command, or a word of the shell's own, changes what runs.
  if (name === undefined || name === "" || name.includes("=") || reserved.has(name) || others.has(name)) return undefined;
  return words;
}

/**
 * The text with harmless quoted parts taken out; undefined when a quotation is open or holds a character that is
 * special even within double quotes, or one that could deceive a reader.
 */
function withoutQuoted(text: string): string | undefined {
  let harmless = true;
  const rest = text.replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => {
    if (double !== undefined && /[$`\\!]/.test(double)) harmless = false;
    if (/\p{Cc}|\p{Cf}/u.test(double ?? single ?? "")) harmless = false;
    return "";
  });
  return harmless && !/["']/.test(rest) ? rest : undefined;
}
