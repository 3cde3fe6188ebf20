// What is publicly known about the models: price (USD per million tokens), context window, longest answer, and whether
// sampling parameters are accepted. Data only; read off the vendors' price pages in November 2026. The longest matching
// prefix wins, so a dated or suffixed name finds its family.

export type Price = { input: number; output: number; cacheRead: number; cacheWrite: number };

export type Family = {
  contextWindow: number;
  maxOutput: number;
  price?: Price;
  /** The newer reasoning models refuse `temperature`; it is sent only where it is known to be accepted. */
  sampling?: boolean;
};

export const free: Price = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

const K = 1000;
const M = 1_000_000;

/** Anthropic bills a cache write of five minutes at 1.25 and a cache read at a share of the input price. */
function claude(input: number, output: number, readShare = 0.1): Price {
  return { input, output, cacheRead: input * readShare, cacheWrite: input * 1.25 };
}

/** OpenAI caches by itself: only the newest models bill the write. */
function gpt(input: number, output: number, cacheRead: number, cacheWrite = input): Price {
  return { input, output, cacheRead, cacheWrite };
}

const anthropic: Record<string, Family> = {
  "claude-fable-5-1": { contextWindow: M, maxOutput: 128 * K, price: claude(10, 50, 0.025) },
  "claude-fable-5-2": { contextWindow: M, maxOutput: 128 * K },
  "claude-fable-5": { contextWindow: M, maxOutput: 128 * K, price: claude(10, 50) },
  "claude-opus-5-5": { contextWindow: M, maxOutput: 128 * K, price: claude(4, 20, 0.05) },
  "claude-opus-5": { contextWindow: M, maxOutput: 128 * K, price: claude(5, 25) },
  "claude-opus-4-8": { contextWindow: M, maxOutput: 128 * K, price: claude(5, 25) },
  "claude-opus-4-7": { contextWindow: M, maxOutput: 128 * K, price: claude(5, 25) },
  "claude-opus-4-6": { contextWindow: 200 * K, maxOutput: 128 * K, price: claude(5, 25), sampling: true },
  "claude-opus-4-5": { contextWindow: 200 * K, maxOutput: 64 * K, price: claude(5, 25), sampling: true },
  "claude-opus-4": { contextWindow: 200 * K, maxOutput: 32 * K, price: claude(15, 75), sampling: true },
  "claude-sonnet-5-5": { contextWindow: M, maxOutput: 128 * K, price: claude(2, 10, 0.05) },
  "claude-sonnet-5": { contextWindow: M, maxOutput: 128 * K, price: claude(2, 10) },
  "claude-sonnet-4": { contextWindow: 200 * K, maxOutput: 64 * K, price: claude(3, 15), sampling: true },
  // Cheaper by four fifths for prompts of up to 100,000 tokens; the upper price keeps a budget on the safe side.
  "claude-haiku-5-5": { contextWindow: M, maxOutput: 128 * K, price: claude(0.5, 2.5) },
  "claude-haiku-4": { contextWindow: 200 * K, maxOutput: 64 * K, price: claude(1, 5), sampling: true },
  "claude-3-7-sonnet": { contextWindow: 200 * K, maxOutput: 64 * K, price: claude(3, 15), sampling: true },
  "claude-3-5-sonnet": { contextWindow: 200 * K, maxOutput: 8192, price: claude(3, 15), sampling: true },
  "claude-3-5-haiku": { contextWindow: 200 * K, maxOutput: 8192, price: claude(0.8, 4), sampling: true },
  "claude-3-opus": { contextWindow: 200 * K, maxOutput: 4096, price: claude(15, 75), sampling: true },
  "claude-3-haiku": { contextWindow: 200 * K, maxOutput: 4096, price: claude(0.25, 1.25), sampling: true },
  "claude-": { contextWindow: 200 * K, maxOutput: 64 * K },
};

const openai: Record<string, Family> = {
  "gpt-6-astra": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(10, 50, 1, 12.5) },
  "gpt-6-sol": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(2, 10, 0.2, 2.5) },
  "gpt-6-luna": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(0.1, 0.5, 0.01, 0.125) },
  "gpt-5.6-sol": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(4, 20, 0.4) },
  "gpt-5.6-terra": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(2, 12, 0.2) },
  "gpt-5.6-luna": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(0.2, 1.2, 0.02) },
  "gpt-5.5-pro": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(30, 180, 3) },
  "gpt-5.5": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(5, 30, 0.5) },
  "gpt-5.4-pro": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(30, 180, 3) },
  "gpt-5.4-mini": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(0.75, 4.5, 0.075) },
  "gpt-5.4": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(2.5, 15, 0.25) },
  "gpt-5.3": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(1.75, 14, 0.175) },
  "gpt-5.2": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(1.75, 14, 0.175) },
  "gpt-5-pro": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(15, 120, 15) },
  "gpt-5-mini": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(0.25, 2, 0.025) },
  "gpt-5-nano": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(0.05, 0.4, 0.005) },
  "gpt-5.1": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(1.25, 10, 0.125) },
  "gpt-5": { contextWindow: 272 * K, maxOutput: 128 * K, price: gpt(1.25, 10, 0.125) },
  "gpt-5.4-nano": { contextWindow: 272 * K, maxOutput: 128 * K },
  "gpt-5.": { contextWindow: 272 * K, maxOutput: 128 * K },
  "gpt-6": { contextWindow: 272 * K, maxOutput: 128 * K },
  "gpt-4.1-mini": { contextWindow: M, maxOutput: 32 * K, price: gpt(0.4, 1.6, 0.1), sampling: true },
  "gpt-4.1-nano": { contextWindow: M, maxOutput: 32 * K, price: gpt(0.1, 0.4, 0.025), sampling: true },
  "gpt-4.1": { contextWindow: M, maxOutput: 32 * K, price: gpt(2, 8, 0.5), sampling: true },
  "gpt-4o-mini": { contextWindow: 128 * K, maxOutput: 16 * K, price: gpt(0.15, 0.6, 0.075), sampling: true },
  "gpt-4o": { contextWindow: 128 * K, maxOutput: 16 * K, price: gpt(2.5, 10, 1.25), sampling: true },
  "o3-pro": { contextWindow: 200 * K, maxOutput: 100 * K, price: gpt(20, 80, 20) },
  "o3-mini": { contextWindow: 200 * K, maxOutput: 100 * K, price: gpt(1.1, 4.4, 0.55) },
  o3: { contextWindow: 200 * K, maxOutput: 100 * K, price: gpt(2, 8, 0.5) },
  "o4-mini": { contextWindow: 200 * K, maxOutput: 100 * K, price: gpt(1.1, 4.4, 0.275) },
};

const local: Family = { contextWindow: 32 * K, maxOutput: 8192, price: free, sampling: true };
const unknown: Family = { contextWindow: 128 * K, maxOutput: 16 * K };

export function familyOf(provider: string, model: string): Family {
  if (provider === "lmstudio" || provider === "ollama") return local;
  const table = provider === "anthropic" ? anthropic : openai;
  let best = "";
  for (const prefix of Object.keys(table)) if (prefix.length > best.length && model.startsWith(prefix)) best = prefix;
  return table[best] ?? unknown;
}
