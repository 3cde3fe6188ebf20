// Hashing in plain JavaScript gives the bytes that node:crypto gives; canonical JSON does not know the order of keys.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { canonicalJson, contentHash, sha256Hex } from "../../src/protocol/hash.ts";

const byNode = (input: string | Uint8Array): string => createHash("sha256").update(input).digest("hex");

describe("hash", () => {
  it("agrees with node:crypto at every length around the block size, and on any text", () => {
    for (let length = 0; length <= 200; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + length) % 256);
      assert.equal(sha256Hex(bytes), byNode(bytes), `length ${length}`);
    }
    for (const text of ["", "abc", "naïve café", "日本語 🎉", "\u0000", "a".repeat(100_000)]) assert.equal(sha256Hex(text), byNode(text));
    assert.equal(contentHash("abc"), `sha256:${byNode("abc")}`);
  });

  it("writes equal values as equal text, whatever the order in which they were built", () => {
    assert.equal(canonicalJson({ b: 1, a: { d: [3, { y: 1, x: 2 }], c: null } }), '{"a":{"c":null,"d":[3,{"x":2,"y":1}]},"b":1}');
    assert.equal(canonicalJson({ a: undefined, b: 1 }), canonicalJson({ b: 1 }));
    assert.equal(canonicalJson(undefined), "null");
    assert.notEqual(canonicalJson([1, 2]), canonicalJson([2, 1]));
    assert.notEqual(canonicalJson({ a: "1" }), canonicalJson({ a: 1 }));
    assert.equal(canonicalJson(JSON.parse('{"__proto__":1}')), '{"__proto__":1}');
  });
});
