// Secrets in text: known values in all their forms, and what only looks like one; whole, and in streams cut anywhere.
// What merely resembles a secret stays as it is. The secrets are made here, so that none stands in this file.

import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, randomUUID } from "node:crypto";
import { formsOf, secretsIn } from "../../src/runtime/redact/known.ts";
import { createRedact } from "../../src/runtime/redact/redact.ts";
import { random } from "../support/random.ts";

const dice = random(7);
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const word = (length: number, from = letters): string => Array.from({ length }, () => from[Math.floor(dice() * from.length)]).join("");
const upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const base64url = (text: string): string => Buffer.from(text).toString("base64url");

const known = `Kn0wn-${word(20)}/+"=x`;
const redact = createRedact(secretsIn({ MY_API_KEY: known }));
const pem = generateKeyPairSync("ed25519", {
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const rsa = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "pkcs1", format: "pem" },
});
const jwt = `${base64url('{"alg":"HS256","typ":"JWT"}')}.${base64url(`{"sub":"${word(12)}"}`)}.${word(43)}`;

const byLook: Record<string, string> = {
  anthropic: `sk-ant-api03-${word(80)}`,
  "openai, old": `sk-${word(48)}`,
  "openai, project": `sk-proj-${word(60)}`,
  github: `ghp_${word(36)}`,
  "github, fine": `github_pat_${word(22)}_${word(40)}`,
  gitlab: `glpat-${word(20)}`,
  slack: `xoxb-${word(12, "0123456789")}-${word(24)}`,
  stripe: `sk_live_${word(24)}`,
  google: `AIza${word(35)}`,
  aws: `AKIA${word(16, upper)}`,
  npm: `npm_${word(36)}`,
  huggingface: `hf_${word(34)}`,
  sendgrid: `SG.${word(22)}.${word(43)}`,
  jwt,
};
const inContext: Record<string, { text: string; secret: string }> = {};
const put = (name: string, secret: string, text: (secret: string) => string): void =>
  void (inContext[name] = { secret, text: text(secret) });
put("environment file", `x7${word(18)}`, (s) => `DB_HOST=local\nDB_PASSWORD=${s}\nDEBUG=1`);
put("yaml", `q9${word(14)}!`, (s) => `user: app\npassword: "${s}"\nport: 5432`);
put("json", `z3${word(24)}`, (s) => `{"clientSecret":"${s}","id":4}`);
put("code", `p5${word(24)}`, (s) => `const apiKey = '${s}';`);
put("bearer", `${word(40)}7a`, (s) => `curl -H "Authorization: Bearer ${s}" https://api.example.com`);
put("basic", `${word(24)}5=`, (s) => `authorization: Basic ${s}\naccept: */*`);
put("address", `hunter-${word(6)}`, (s) => `postgres://app:${s}@db.example.com/main`);
put("aws secret", `${word(20)}/${word(19)}`, (s) => `aws_secret_access_key = ${s}\nregion = eu`);

const stays = [
  "commit eef01c4a9a7fd74b8a60c05fc6dbda38e908871d (HEAD -> main)",
  `tree ${createHash("sha256").update("a").digest("hex")}`,
  randomUUID(),
  `token: ${randomUUID()}`,
  `"integrity": "sha512-${createHash("sha512").update("a").digest("base64")}"`,
  `![logo](data:image/png;base64,${Buffer.from(word(600)).toString("base64")})`,
  "const password = process.env.DB_PASSWORD;",
  "password: z.string().min(12).max(64),",
  "token = await getToken2(client1);",
  "const secret = options.secret1 ?? config.fallbackSecret2;",
  "API_KEY=your-api-key-1234",
  "password: ${DB_PASSWORD_1}",
  "The password must be at least 12 characters long.",
  "tokens: 48000, maxTokens: 16000, key: ArrowDown",
  "sk-spinner sk-fading-circle sk-folding-cube-animation-with-a-long-name",
  "https://example.com:8443/path@2.0.0 and git@github.com:owner/name.git",
  "import { createHash } from 'node:crypto'; // eyJ is how tokens begin, AKIA how keys do",
  "ghp_ npm_config_registry xoxb-",
  "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----",
  "Password:\nPlease enter it",
];

function streamed(pieces: string[], by = redact): string {
  let out = "";
  const stream = by.stream((text) => (out += text));
  for (const piece of pieces) stream.push(piece);
  stream.end();
  return out;
}

describe("secrets in text", () => {
  it("known ones go in every form", () => {
    const forms = formsOf([known]);
    const texts = [
      known,
      encodeURIComponent(known),
      JSON.stringify({ a: known }),
      JSON.stringify(JSON.stringify({ a: known })),
      Buffer.from(known).toString("hex"),
      ...[0, 1, 2, 3].map((offset) => Buffer.from(`${"u".repeat(offset)}${known}:and more`).toString("base64")),
      ...[0, 1, 2].map((offset) => Buffer.from(`${"u".repeat(offset)}${known}`).toString("base64url")),
    ];
    for (const text of texts) {
      const clean = redact.text(`before ${text} after`);
      assert.ok(!forms.some((form) => clean.includes(form)), `${text} → ${clean}`);
      assert.match(clean, /^before .*«redacted».* after$/);
      assert.equal(redact.known(`before ${text} after`), clean);
    }
  });

  it("names what counts as known", () => {
    const env = {
      PWD: "/some/folder/of/mine",
      HOME: "/root/home",
      PATH: "/usr/bin:/usr/local/bin",
      GOOGLE_APPLICATION_CREDENTIALS: import.meta.filename,
      GITHUB_TOKEN: "token-of-github",
      githubToken: "token-in-camels",
      OTHER_KEY_2: "second-of-two-keys",
      POSTGRES_PASSWORD: "postgres",
      EMPTY_TOKEN: "",
      SHORT_TOKEN: "abc",
      SSH_AUTH_SOCK: "/tmp/agent-socket",
      DATABASE_URL: "postgres://app:w%40rd-of-base@host/db",
      Authorization: "Bearer of-a-header-1",
    };
    assert.deepEqual(secretsIn(env).toSorted(), [
      "Bearer of-a-header-1",
      "of-a-header-1",
      "second-of-two-keys",
      "token-in-camels",
      "token-of-github",
      "w%40rd-of-base",
      "w@rd-of-base",
    ]);
  });

  it("others go by their look, and say of what kind they were", () => {
    for (const [name, secret] of Object.entries(byLook)) {
      for (const text of [secret, `key=${secret}\n`, `"${secret}",`, `see ${secret}.`]) {
        const clean = redact.text(text);
        assert.ok(!clean.includes(secret) && clean.includes("«redacted "), `${name}: ${text} → ${clean}`);
        assert.equal(redact.text(clean), clean, `${name}: twice`);
      }
    }
    for (const [name, { text, secret }] of Object.entries(inContext)) {
      const clean = redact.text(text);
      assert.ok(!clean.includes(secret), `${name}: ${clean}`);
      const [before, after] = text.split(secret);
      assert.ok(clean.startsWith(before!) && clean.endsWith(after!), `${name}: what stands around it stays: ${clean}`);
    }
    assert.equal(redact.text(`my key\n${pem.privateKey}done`), "my key\n«redacted private key»\ndone");
    assert.equal(redact.text(`key: ${JSON.stringify(rsa.privateKey)}, next`), 'key: "«redacted private key»\\n", next');
    const patch = `@@ -1,1 +1,4 @@\n first\n${pem.privateKey.trim().replaceAll(/^/gm, "+")}\n last`;
    assert.equal(redact.text(patch), "@@ -1,1 +1,4 @@\n first\n+«redacted private key»\n+\n+\n last");
    const half = rsa.privateKey.slice(0, 400);
    assert.ok(!/[A-Za-z0-9+/]{16}/.test(redact.text(`${half}\n[… 900 characters left out …]`)));
    assert.match(redact.text(`${half}\n[… 900 characters left out …]`), /left out …\]$/);
  });

  it("what only resembles one stays", () => {
    for (const text of stays) assert.equal(redact.text(text), text);
    const untouched = { a: [1, "x", { b: "plain" }], c: null };
    assert.equal(redact.value(untouched), untouched);
  });

  it("in a value go wherever they are, but what will be executed loses known ones alone", () => {
    const guess = byLook["github"]!;
    const signed = { type: "opaque", provider: "p", value: known };
    assert.deepEqual(redact.value({ a: [{ b: known }], content: [signed], arguments: { x: known, y: guess }, other: guess, path: "p" }), {
      a: [{ b: "«redacted»" }],
      content: [signed],
      arguments: { x: "«redacted»", y: guess },
      other: "«redacted GitHub token»",
      path: "p",
    });
  });

  it("take time in proportion to the text, whatever it is made of", () => {
    const hard = [
      "eyJ",
      "sk-",
      "-----BEGIN ",
      "-----BEGIN PRIVATE KEY-----\n",
      "password=",
      "a:",
      "http://a:",
      "token ",
      "A1",
      "bearer ",
      " ",
      "--",
    ];
    const took = (text: string): number => {
      const began = performance.now();
      redact.text(text);
      return performance.now() - began;
    };
    for (const piece of hard) {
      const [small, large] = [40_000, 320_000].map((size) => piece.repeat(size / piece.length));
      took(small!);
      const least = (text: string): number => Math.min(took(text), took(text), took(text));
      const [one, eight] = [least(small!), least(large!)];
      assert.ok(eight < 40 * one + 50, `${JSON.stringify(piece)}: ${one} ms, eight times as much ${eight} ms`);
    }
  });
});

describe("secrets in streams", () => {
  const all = [
    ...Object.values(byLook).map((secret) => ({ secret, text: `Use ${secret} here.\nAnd go on.` })),
    ...Object.values(inContext).map(({ secret, text }) => ({ secret, text: `First, look.\n${text}\nAnd go on.` })),
    { secret: known, text: `Known: ${known}, and on.` },
    { secret: Buffer.from(known).toString("base64").slice(4, -6), text: `Known: ${Buffer.from(known).toString("base64")} and on.` },
    { secret: pem.privateKey.split("\n")[1]!, text: `The key:\n${pem.privateKey}is that.` },
  ];

  it("go wherever the stream is cut", () => {
    for (const { secret, text } of all) {
      const whole = redact.text(text);
      assert.ok(!whole.includes(secret));
      for (let at = 0; at <= text.length; at++) assert.equal(streamed([text.slice(0, at), text.slice(at)]), whole, `cut at ${at}: ${text}`);
      assert.equal(streamed(text.split("")), whole, text);
      for (let i = 0; i < 20; i++) assert.equal(streamed(inPieces(text)), whole, text);
    }
  });

  it("in the middle of each other and of much else go as well", () => {
    for (let i = 0; i < 20; i++) {
      const parts = Array.from({ length: 12 }, () => (dice() < 0.5 ? stays : all.map(({ text }) => text))).map(
        (from) => from[Math.floor(dice() * from.length)]!,
      );
      const text = parts.join("\n\n");
      const out = streamed(inPieces(text));
      for (const { secret } of all) assert.ok(!out.includes(secret), text);
    }
  });

  it("hold back nothing of plain words, and of what stays no more than until it is clear", () => {
    let out = "";
    const stream = redact.stream((text) => (out += text));
    const plain = "The tests pass now. I changed two files, and the loader reads them in order.\n".split(/(?<= )/);
    for (const piece of plain) {
      stream.push(piece);
      assert.ok(out.endsWith(piece), `${piece} is there at once`);
    }
    for (const text of stays) assert.equal(streamed(text.split("")), text);
    out = "";
    stream.push(`token=${"a".repeat(60_000)}`);
    assert.ok(out.length > 30_000, "a stream does not wait for ever");
  });

  it("give everything at the end", () => {
    for (const end of ["sk-", "password=", "-----BEGIN", "eyJhbGci", known.slice(0, 6), "Authorization: Bear"])
      assert.equal(streamed([`the end is ${end}`]), `the end is ${end}`);
  });

  function inPieces(text: string): string[] {
    const pieces: string[] = [];
    for (let at = 0; at < text.length;) {
      const size = 1 + Math.floor(dice() * 12);
      pieces.push(text.slice(at, at + size));
      at += size;
    }
    return pieces;
  }
});
