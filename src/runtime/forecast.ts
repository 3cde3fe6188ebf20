// What a goal will cost, about, before anything was asked: by the tokens that goals of two sizes took in the bench and the
// demo. A forecast, not a promise; the budget is the limit.

import type { ModelsPort } from "../core/ports.ts";
import type { Forecast } from "../protocol/panel.ts";

const tokens = { edit: 12_000, feature: 50_000 };
/** Of all tokens; the rest is what the model reads. */
const written = 0.08;

export function forecastOf(models: ModelsPort, model: string): Forecast | undefined {
  const info = models.resolve(model);
  if (!info.ok || info.value.scripted) return undefined;
  const { inputUsdPerMillion: input, outputUsdPerMillion: output } = info.value;
  if (input === undefined || output === undefined || output === 0) return undefined;
  const cost = (count: number): number => (count * (written * output + (1 - written) * input)) / 1_000_000;
  return { editUsd: cost(tokens.edit), featureUsd: cost(tokens.feature) };
}
