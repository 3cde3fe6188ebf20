// Secrets that are known by their looks: the keys of well-known services, private keys, tokens, passwords in addresses,
// and values that something called password or token is set to. Careful with what only looks like one: hashes, ids,
// integrity sums and code stay. Every expression is bounded, so that the time is linear in the text.

type Look = { kind: string; source: string };

/** By their own prefixes: hardly anything else looks like these. */
const looks: Look[] = [
  { kind: "Anthropic key", source: "sk-ant-[A-Za-z0-9_-]{16,300}" },
  { kind: "OpenAI key", source: "sk-(?:proj|svcacct|admin|or-v1)-[A-Za-z0-9_-]{20,300}|sk-[A-Za-z0-9]{40,100}" },
  { kind: "GitHub token", source: "gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}" },
  { kind: "GitLab token", source: "gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas)-[A-Za-z0-9_.-]{20,200}" },
  { kind: "Slack token", source: "xox[abeoprs]-[A-Za-z0-9-]{10,250}|xapp-[0-9]-[A-Za-z0-9-]{20,250}" },
  { kind: "Stripe key", source: "[sr]k_(?:live|test|prod)_[A-Za-z0-9]{16,250}|whsec_[A-Za-z0-9+/=]{24,100}" },
  { kind: "Google key", source: "AIza[A-Za-z0-9_-]{35}|GOCSPX-[A-Za-z0-9_-]{20,60}|ya29\\.[A-Za-z0-9_-]{20,500}" },
  { kind: "AWS key", source: "(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])" },
  { kind: "npm token", source: "npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])" },
  { kind: "PyPI token", source: "pypi-AgEI[A-Za-z0-9_-]{50,300}" },
  { kind: "Hugging Face token", source: "hf_[A-Za-z0-9]{30,60}" },
  { kind: "SendGrid key", source: "SG\\.[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{16,64}" },
  { kind: "DigitalOcean token", source: "do[opr]_v1_[a-f0-9]{64}" },
  { kind: "Shopify token", source: "shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}" },
  { kind: "age key", source: "AGE-SECRET-KEY-1[A-Z0-9]{58}" },
  { kind: "signed token", source: "eyJ[A-Za-z0-9_-]{8,2000}\\.eyJ[A-Za-z0-9_-]{8,6000}\\.[A-Za-z0-9_-]{16,2000}" },
];

const own = new RegExp(`(?<![A-Za-z0-9_])(?:${looks.map(({ source }) => `(${source})`).join("|")})`, "g");

/** Where one of these may be beginning, a stream waits for more of it. */
const beginnings = [
  "sk-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glsoat-",
  "glagent-", "gloas-", "xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-", "sk_live_", "sk_test_", "sk_prod_",
  "rk_live_", "rk_test_", "rk_prod_", "whsec_", "AIza", "GOCSPX-", "ya29.", "AKIA", "ASIA", "ABIA", "ACCA", "npm_", "pypi-AgEI",
  "hf_", "SG.", "doo_v1_", "dop_v1_", "dor_v1_", "shpat_", "shpca_", "shppa_", "shpss_", "AGE-SECRET-KEY-1", "eyJ",
]; // prettier-ignore

const header =
  /((?:authorization|x-api-key|x-auth-token)["']?\s{0,4}[:=]\s{0,4}["']?(?:(?:bearer|basic|token)\s{1,4})?|\bbearer\s{1,4})([A-Za-z0-9._~+/=-]{12,4000})/gi;
const address = /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'`]{0,100}:)([^\s/:@"'`]{3,200})(?=@)/gi;
const keyword =
  "password|passwd|passphrase|pwd|secret|token|credentials?|(?:api|access|private|secret|auth|account|encryption|signing)[_-]?key";
const assigned = new RegExp(
  `((?:${keyword})["']?\\s{0,4}(?:=>|:=|=|:)\\s{0,4}(["'\`]?))([^\\s"'\`,;<>(){}\\[\\]\\\\«»$&|]{8,300})(.?)`,
  "gi",
);

/** Each secret by its look gives way to a word on its kind. */
export function withoutLooks(text: string): string {
  if (text.length < 12) return text;
  return withoutPrivateKeys(text)
    .replaceAll(own, (match: string, ...groups: unknown[]) => shown(match, groups))
    .replaceAll(address, (match, before: string, word: string) => (isPlaceholder(word) ? match : `${before}${mark("password")}`))
    .replaceAll(header, (match, before: string, word: string) => (isRandom(word) ? `${before}${mark("token")}` : match))
    .replaceAll(assigned, (match, before: string, quote: string, word: string, next: string) =>
      isSecretValue(word, quote !== "", next) ? `${before}${mark("secret")}${next}` : match,
    );
}

export const sign = "«redacted";

export function mark(kind?: string): string {
  return kind === undefined ? `${sign}»` : `${sign} ${kind}»`;
}

function shown(match: string, groups: unknown[]): string {
  const at = groups.findIndex((group) => group !== undefined);
  const { kind } = looks[at]!;
  return kind === "OpenAI key" && !isRandom(match) ? match : mark(kind);
}

const keyBegin = "-----BEGIN ";
const keyHead = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
const keyEnd = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const longestKeyEnd = 80;
const keyLines = /(?:\s|\\[nr]|["'+]|[A-Za-z0-9+/=]{16,80}(?![A-Za-z0-9+/=]))*/y;
const longestKey = 20_000;

/** A key that was cut before its end goes as far as its lines do. */
function withoutPrivateKeys(text: string): string {
  let rest = 0;
  let out = "";
  for (let at = text.indexOf(keyBegin); at >= 0; at = text.indexOf(keyBegin, Math.max(rest, at + 1))) {
    keyHead.lastIndex = at;
    if (!keyHead.test(text)) continue;
    const body = keyHead.lastIndex;
    const end = keyEnd.exec(text.slice(body, body + longestKey));
    keyLines.lastIndex = body;
    keyLines.test(text);
    const to = end ? body + end.index + end[0].length : Math.max(body, keyLines.lastIndex);
    if (!/[A-Za-z0-9+/=]{16}/.test(text.slice(body, to))) continue;
    out += text.slice(rest, at) + mark("private key") + emptyLines(text, at, to);
    rest = to;
  }
  return out + text.slice(rest);
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const placeholder = /example|placeholder|change.?me|your|dummy|sample|redacted|xxxx|\*\*\*|\.\.\.|[${}<>]/i;
const code = /^[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)+$/;
const integrity = /^sha(?:1|256|384|512)-/;

function isPlaceholder(word: string): boolean {
  return placeholder.test(word) || new Set(word).size <= 2;
}

/** Neither a name in code nor a placeholder, and mixed as people and machines mix what nobody shall guess. */
function isSecretValue(word: string, quoted: boolean, next: string): boolean {
  if (next === "(" || next === "[" || next === "{" || isPlaceholder(word)) return false;
  if (uuid.test(word) || integrity.test(word) || code.test(word) || /^[./~]|:\/\//.test(word)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9_.-]/].filter((kind) => kind.test(word)).length;
  const digits = word.replaceAll(/\D/g, "").length;
  const name = /^[A-Za-z_]\w*$/.test(word) && !quoted;
  return kinds >= 2 && digits >= (name ? 3 : 1) && entropy(word) >= (name ? 3 : 2.5);
}

function isRandom(word: string): boolean {
  return !isPlaceholder(word) && !uuid.test(word) && /\d/.test(word) && /[A-Za-z]/.test(word) && entropy(word) >= 3;
}

/** Bits per character, by how often each occurs. */
function entropy(word: string): number {
  const counts = new Map<string, number>();
  for (const character of word) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / word.length) * Math.log2(count / word.length);
  return bits;
}

/** An assignment, header or address whose value may go on in what comes next. */
const unfinished = new RegExp(
  [
    `(?:${keyword})["']?\\s{0,4}(?:=>|:=|=|:)?\\s{0,4}["'\`]?[^\\s"'\`,;<>(){}\\[\\]\\\\«»$&|]{0,300}$`,
    `(?:authorization|x-api-key|x-auth-token)["']?\\s{0,4}[:=]?\\s{0,4}["']?(?:\\w{1,8}\\s{1,4})?[A-Za-z0-9._~+/=-]{0,4000}$`,
    `\\bbearer\\s{1,4}[A-Za-z0-9._~+/=-]{0,4000}$`,
    `\\b[a-z][a-z0-9+.-]{1,20}://[^\\s/:@"'\`]{0,100}(?::[^\\s/:@"'\`]{0,200})?$`,
  ].join("|"),
  "i",
);

/** In a patch each line stays one: its hunks count them. */
function emptyLines(text: string, from: number, to: number): string {
  const sign = /(?:^|\n)([ +-])$/.exec(text.slice(Math.max(0, from - 2), from))?.[1];
  return sign === undefined ? "" : `\n${sign}`.repeat(text.slice(from, to).split("\n").length - 1);
}

/** From where on the end of a text might be the beginning of a secret; its length where it is none. */
export function openFrom(text: string): number {
  const [value, token, key] = [text.search(unfinished), openToken(text), openKey(text)];
  return Math.min(value < 0 ? text.length : value, token, key);
}

const tokenCharacter = /[A-Za-z0-9_.+/=-]/;

function openToken(text: string): number {
  let start = text.length;
  while (start > 0 && tokenCharacter.test(text[start - 1]!)) start -= 1;
  for (let at = start; at < text.length; at++)
    if (!/\w/.test(text[at - 1] ?? "") && beginnings.some((begin) => text.startsWith(begin, at) || begin.startsWith(text.slice(at))))
      return at;
  return text.length;
}

function openKey(text: string): number {
  const at = text.lastIndexOf(keyBegin);
  if (at < 0) {
    for (let dashes = Math.max(0, text.length - keyBegin.length); dashes < text.length; dashes++)
      if (keyBegin.startsWith(text.slice(dashes))) return dashes;
    return text.length;
  }
  keyHead.lastIndex = at;
  if (!keyHead.test(text)) return /^[A-Z0-9 ]*-{0,5}$/.test(text.slice(at + keyBegin.length)) ? at : text.length;
  keyLines.lastIndex = keyHead.lastIndex;
  keyLines.test(text);
  const after = text.slice(keyLines.lastIndex);
  return after.length < longestKeyEnd && /^(?:[A-Za-z0-9+/=]*|-.*)$/.test(after) && !keyEnd.test(after) ? at : text.length;
}
