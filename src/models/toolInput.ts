// A tool call's arguments arrive as text that a model wrote: usually JSON, sometimes not. Never throws.

import { messageOf } from "../protocol/result.ts";
import type { AskedCall } from "../core/ports.ts";

/** No text at all means no arguments. Unreadable text is kept, with the reason, so that the model can be told. */
export function askedCall(tool: string, json: string): AskedCall {
  if (json.trim() === "") return { tool, arguments: {} };
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { tool, arguments: value };
    return { tool, arguments: json, invalid: "the arguments must be a JSON object" };
  } catch (error) {
    return { tool, arguments: json, invalid: `the arguments are not valid JSON: ${messageOf(error)}` };
  }
}
