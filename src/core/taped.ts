// The form in which a tape keeps the world's answers: plain JSON, in which long texts and bytes are named by the hash of an
// artifact; and back.

import type { ContentHash } from "../protocol/ids.ts";
import type { Reach, TouchedPlace } from "./ports.ts";
import type { Policy } from "./policy.ts";
import { compileRule, type Rule } from "./rules.ts";
import { decodeUtf8 } from "./context.ts";

/** `ended`: the end of the turn or call that says the rest. */
export type Keep<T> = (value: T, ended?: unknown) => unknown;

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

/** Most of what a call could touch, it does not. */
export function shortReach({ certain, doubts, places, commands, network, hosts, ...rest }: Reach, root: string): unknown {
  return {
    ...rest,
    ...(certain ? {} : { certain }),
    ...(doubts.length > 0 ? { doubts } : {}),
    ...(places.length > 0 ? { places: places.map((place) => shortPlace(place, root)) } : {}),
    ...(commands.length > 0 ? { commands } : {}),
    ...(network ? { network } : {}),
    ...(hosts.length > 0 ? { hosts } : {}),
  };
}

function shortPlace({ named, real, ...place }: TouchedPlace, root: string): unknown {
  const isPlain = place.relative !== undefined && real === `${root}/${place.relative}`;
  return { ...place, ...(isPlain ? {} : { real }), ...(named === real ? {} : { named }) };
}

export function reachFrom(value: unknown, root: string): Reach {
  const short = value as Partial<Omit<Reach, "places">> & { places?: (Omit<TouchedPlace, "real" | "named"> & Partial<TouchedPlace>)[] };
  const places = (short.places ?? []).map((place) => {
    const { real = `${root}/${place.relative}` } = place;
    return { ...place, real, named: place.named ?? real };
  });
  return { certain: true, doubts: [], commands: [], network: false, hosts: [], ...short, places };
}

/** Rules are kept as they are written, and compiled again. */
export function policyFrom(value: unknown): Policy {
  const policy = value as Policy;
  return { ...policy, rules: policy.rules.map(({ paths: _paths, commands: _commands, ...rule }: Rule) => compileRule(rule)) };
}
