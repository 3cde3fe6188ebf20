// How much of its model's window an agent's context takes, and how much it may take. The provider's own figure for the
// newest request counts, with an estimate for what came since: nothing is counted over again, however long the conversation.

import type { Usage } from "../protocol/agents.ts";
import type { ContextFigures, ContextPart } from "../protocol/ledger.ts";

import { totalTokens } from "../protocol/state.ts";
import type { ModelInfo } from "./ports.ts";

const charactersPerToken = 4;
/** A server that tells less than this part of the estimate leaves out what it had in its cache, as some local ones do. */
const leastCredible = 0.25;
/** From here on (CJK and what follows) a character is about a token. */
const firstWide = 0x2e80;

/** About how many tokens a text is: a quarter of its Latin letters, more of all others. */
export function estimateTokens(text: string): number {
  let other = 0;
  let wide = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= firstWide) wide += 1;
    else if (code >= 0x80) other += 1;
  }
  return Math.ceil((text.length - wide - other) / charactersPerToken + other / 2 + wide);
}

export type Account = {
  /** About the tokens of all that was added, by the newest figure of the provider. */
  readonly tokens: number;
  /** There is such a figure. */
  readonly isCounted: boolean;
  add(part: ContextPart, estimate: number): void;
  /** What an estimate comes to, as the provider counts. */
  scaled(estimate: number): number;
  /** Forgets what was added, and not how the provider counts. */
  restart(): void;
  /** A request with all that was added by now goes out. */
  asked(): void;
  /** What the provider says of that request. */
  told(usage: Usage): void;
  /** A count of all that was added by now. */
  counted(tokens: number): void;
  /** What was added by now is too much for this model's server, whatever its window is said to be. */
  refused(model: string): void;
  /** The window, or what was refused where that is less: a local server may have been started with less. */
  within(model: string, window: number): number;
  figures(window: number): ContextFigures;
};

type Parts = Record<ContextPart, number>;

export function createAccount(fixed: Partial<Parts>): Account {
  const empty: Parts = { instructions: 0, rules: 0, tools: 0, brief: 0, conversation: 0, results: 0, ...fixed };
  let parts = { ...empty };
  let asked = 0;
  const refused = new Map<string, number>();
  let base: { told: number; sum: number } | undefined;
  const sum = (): number => Object.values(parts).reduce((all, one) => all + one, 0);
  const scale = (): number => (base ? base.told / base.sum : 1);
  const tokens = (): number => {
    if (!base) return sum();
    const more = sum() - base.sum;
    return Math.round(base.told + more * (more > 0 ? Math.max(1, scale()) : scale()));
  };
  const takeBase = (told: number, of: number): void => void (of > 0 && (base = { told, sum: of }));
  return {
    get tokens() {
      return tokens();
    },
    get isCounted() {
      return base !== undefined;
    },
    add: (part, estimate) => void (parts[part] += estimate),
    scaled: (estimate) => Math.round(estimate * scale()),
    restart: () => void (parts = { ...empty }),
    asked: () => void (asked = sum()),
    told(usage) {
      const input = totalTokens(usage) - usage.output;
      if (input >= asked * leastCredible) takeBase(input, asked);
    },
    counted: (count) => takeBase(count, sum()),
    refused: (model) => void refused.set(model, Math.min(refused.get(model) ?? Infinity, tokens())),
    within: (model, window) => Math.min(window, refused.get(model) ?? Infinity),
    figures(window) {
      const all = tokens();
      const share = all / Math.max(1, sum());
      const scaled = Object.entries(parts).map(([part, estimate]) => [part, Math.round(estimate * share)]);
      return { tokens: all, window, parts: Object.fromEntries(scaled) as Parts };
    },
  };
}

/** From this share of the room on old results are set aside: late, since each time the provider's cache is lost from there on. */
export const clearShare = 0.6;
/** From this share on older turns are summed up: there is room left for the request that asks for it. */
export const sumUpShare = 0.8;
/** What a setting aside has to free: else it would be done often, for little. */
export const worthShare = 0.2;
/** The newest turns stay as they are: this many, as long as they take no more than this share. */
export const newestTurns = 12;
export const newestShare = 0.2;
/** What a task is given besides its goal may take at most: the work itself needs the rest. */
export const briefShare = 0.45;

/** What a conversation may take at most, so that there is room for an answer. */
export function roomIn({ contextWindow, maxOutput }: Pick<ModelInfo, "contextWindow" | "maxOutput">, maxTokens: number): number {
  return contextWindow - Math.min(maxTokens, maxOutput, Math.floor(contextWindow / 4));
}
