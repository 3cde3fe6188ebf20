// The one shape behind which each model API stands. A provider knows its own wire and nothing of the others.

import type { Result } from "../protocol/result.ts";
import type { ModelDelta, ModelInfo, ModelOutcome, ModelRequest } from "../core/ports.ts";

export type Environment = Record<string, string | undefined>;

/** `model` comes without the provider's prefix. The rules of ModelsPort hold: no network in resolve, no rejection in stream. */
export type Provider = {
  resolve(model: string): Result<ModelInfo>;
  prepare?(model: string, request: ModelRequest): void;
  /** Absent where the API cannot count; the caller then estimates. May reject. */
  countTokens?(model: string, request: ModelRequest, signal: AbortSignal): Promise<number>;
  stream(model: string, request: ModelRequest, onDelta: (delta: ModelDelta) => void, signal: AbortSignal): Promise<ModelOutcome>;
};
