// The form in which a tape keeps the world's answers: plain JSON, in which long texts and bytes are named by the hash of an
// artifact; and back.

import type { ContentHash } from "../protocol/ids.ts";
import type { Policy } from "./policy.ts";
import { compileRule, type Rule } from "./rules.ts";
import { decodeUtf8 } from "./context.ts";

export type Keep<T> = (value: T) => unknown;

const longText = 400;
const longValue = 2_000;

type Put = (content: string | Uint8Array) => Promise<ContentHash>;
type Get = (hash: ContentHash) => Promise<Uint8Array | undefined>;

export async function kept(value: unknown, put: Put): Promise<unknown> {
  if (value === undefined) return undefined;
  const small = await shortened(value, put);
  const written = JSON.stringify(small);
  return written.length > longValue ? { $json: await put(written) } : small;
}

async function shortened(value: unknown, put: Put): Promise<unknown> {
  if (typeof value === "string") return value.length > longText ? { $text: await put(value) } : value;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return { $bytes: await put(value) };
  if (Array.isArray(value)) return Promise.all(value.map((one) => shortened(one, put)));
  const pairs = Object.entries(value).filter(([, one]) => one !== undefined && typeof one !== "function");
  return Object.fromEntries(await Promise.all(pairs.map(async ([key, one]) => [key, await shortened(one, put)] as const)));
}

/** Throws where an artifact is gone. */
export async function restored(value: unknown, get: Get): Promise<unknown> {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return Promise.all(value.map((one) => restored(one, get)));
  const { $text, $bytes, $json } = value as { $text?: ContentHash; $bytes?: ContentHash; $json?: ContentHash };
  const hash = $text ?? $bytes ?? $json;
  if (hash !== undefined) {
    const bytes = await get(hash);
    if (!bytes) throw new Error(`the content ${hash} is missing`);
    if ($bytes) return bytes;
    const text = decodeUtf8(bytes);
    return $text ? text : restored(JSON.parse(text), get);
  }
  const pairs = Object.entries(value);
  return Object.fromEntries(await Promise.all(pairs.map(async ([key, one]) => [key, await restored(one, get)] as const)));
}

/** Rules are kept as they are written, and compiled again. */
export function policyFrom(value: unknown): Policy {
  const policy = value as Policy;
  return { ...policy, rules: policy.rules.map(({ paths: _paths, commands: _commands, ...rule }: Rule) => compileRule(rule)) };
}
