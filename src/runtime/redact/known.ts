// Secrets that are known by their values: those that the environment and the set-up of servers hold, and the forms that
// a value takes on its way (base64 at any offset, percent, JSON, hex). Owns no guessing: that is patterns.ts.

import { existsSync } from "node:fs";

const secretName =
  /(?:^|[_-])(?:api_?key|key|token|secret|password|passwd|passphrase|pass|pwd|credentials?|auth|authorization|cookie|pat|dsn)(?:_?\d{1,2})?$/i;
const camelName = /(?:Key|Token|Secret|Password|Passphrase)$/;
/** What these name is no secret, though their names sound like it. */
const openNames = new Set(["PWD", "OLDPWD"]);
const shortest = 8;
/** Values that many a test set-up has; taking out the word everywhere would hurt more than it hides. */
const plainWords = new Set(
  "password passwords changeme postgres postgresql username localhost undefined development production 12345678 123456789 1234567890".split(
    " ",
  ),
);

export type Environment = Record<string, string | undefined>;

/** The values of an environment, or of a server's settings, that nobody else is to see. */
export function secretsIn(env: Environment): string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (!value) return [];
    const named = !openNames.has(name) && (secretName.test(name) || camelName.test(name));
    return [...(named && !isOpen(value) ? [value, ...withoutScheme(value)] : []), ...passwordsIn(value)].filter(isWorthHiding);
  });
}

/** A path to a key, or a service's address, is not the key. */
function isOpen(value: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(value) || (/^(?:[/~.]|[A-Za-z]:\\)/.test(value) && existsSync(value));
}

/** `Bearer abc`: the word in front is none of the secret. */
function withoutScheme(value: string): string[] {
  const scheme = /^(?:bearer|basic|token)\s+(\S+)$/i.exec(value);
  return scheme ? [scheme[1]!] : [];
}

/** `postgres://user:word@host/db` */
function passwordsIn(value: string): string[] {
  const [, password] = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:([^/\s@]+)@/i.exec(value) ?? [];
  if (password === undefined) return [];
  return [password, safely(() => decodeURIComponent(password)) ?? password];
}

function isWorthHiding(value: string): boolean {
  return value.trim().length >= shortest && !plainWords.has(value.toLowerCase()) && new Set(value).size > 2;
}

function safely(work: () => string): string | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** All forms of all values, each once, the longest first, so that one that contains another goes as a whole. */
export function formsOf(secrets: string[]): string[] {
  const forms = secrets.flatMap((secret) => [secret.trim(), ...encodings(secret.trim())]);
  return [...new Set(forms)].filter((form) => form.length >= shortest).toSorted((a, b) => b.length - a.length);
}

function encodings(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const percent = safely(() => encodeURIComponent(secret)) ?? secret;
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    percent,
    percent.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    percent.replaceAll("%20", "+"),
    json,
    JSON.stringify(json).slice(1, -1),
    secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    ...[0, 1, 2].flatMap((offset) => inBase64(bytes, offset)),
  ];
}

/** What does not depend on the bytes around it, where the value begins at this offset of a group of three. */
function inBase64(bytes: Buffer, offset: number): string[] {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString("base64")
    .replace(/=+$/, "");
  const from = Math.ceil((offset * 8) / 6);
  const to = Math.floor(((offset + bytes.length) * 8) / 6);
  const sure = encoded.slice(from, to);
  return [sure, sure.replaceAll("+", "-").replaceAll("/", "_")];
}
