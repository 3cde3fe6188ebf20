// Reads a command only when there can be no doubt about it: one simple command of plain and simply quoted words.
// Everything else (lists, pipes, substitutions, globs, variables, escapes) is left unparsed for the guard to ask about.

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

const connecting = new Set([
  "curl",
  "wget",
  "ssh",
  "scp",
  "sftp",
  "rsync",
  "ftp",
  "telnet",
  "nc",
  "ncat",
  "netcat",
  "socat",
  "ping",
  "dig",
  "nslookup",
  "host",
  "gh",
  "npx",
  "bunx",
  "pnpx",
  "uvx",
  "pipx",
  "docker",
  "podman",
  "kubectl",
  "aws",
  "gcloud",
  "az",
]);
const connectingVerbs: Record<string, Set<string>> = {
  git: new Set(["push", "pull", "fetch", "clone", "ls-remote", "remote", "submodule"]),
  npm: new Set(["install", "i", "ci", "add", "update", "publish", "view", "exec", "x", "audit", "login", "search", "init", "create"]),
  pnpm: new Set(["install", "i", "add", "update", "publish", "dlx", "create"]),
  yarn: new Set(["install", "add", "upgrade", "publish", "dlx", "create"]),
  bun: new Set(["install", "i", "add", "update", "publish", "x", "create"]),
  pip: new Set(["install", "download", "search"]),
  pip3: new Set(["install", "download", "search"]),
  uv: new Set(["add", "sync", "pip", "tool", "lock", "publish"]),
  cargo: new Set(["install", "add", "publish", "update", "search", "fetch"]),
  go: new Set(["get", "install", "mod"]),
  gem: new Set(["install", "update", "push"]),
  apt: new Set(["install", "update", "upgrade"]),
  "apt-get": new Set(["install", "update", "upgrade"]),
};

/** Whether a command is one of those that exist to connect elsewhere. Says nothing about what a script does. */
export function mayConnect(words: string[]): boolean {
  const name = words[0]?.split("/").at(-1) ?? "";
  if (connecting.has(name)) return true;
  if ((name === "yarn" || name === "bun" || name === "pnpm") && words.length === 1) return true;
  const verbs = connectingVerbs[name];
  return verbs !== undefined && words.slice(1).some((word) => verbs.has(word));
}
