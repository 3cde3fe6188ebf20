// Counting what a model call used and what it cost. Owns no prices: those are data in families.ts.

import type { ModelRequest } from "../core/ports.ts";
import type { Usage } from "../protocol/agents.ts";
import type { Price } from "./families.ts";

export function noUsage(): Usage {
  return { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
}

/** Null where the price is not known: the caller then binds the model by tokens alone. */
export function costOf(usage: Usage, price: Price | undefined): number | null {
  if (!price) return null;
  const { input, output, cacheRead, cacheWrite } = usage;
  return (input * price.input + output * price.output + cacheRead * price.cacheRead + cacheWrite * price.cacheWrite) / 1_000_000;
}

/** For servers that report no usage, and for scripts: about four characters are one token. */
export function estimateTokens(characters: number): number {
  return Math.ceil(characters / 4);
}

/** What a call must have used of which the server said nothing: nothing at all would be free, and no budget would hold. */
export function estimatedUsage(request: ModelRequest, sent: number, written: number): Usage {
  return { ...noUsage(), input: estimateTokens(sent), output: Math.min(request.maxTokens, estimateTokens(written)) };
}
