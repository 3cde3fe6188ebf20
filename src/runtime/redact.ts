// Secrets taken out of text, for programs that print what went wrong.

export { secretsIn } from "./redact/known.ts";
export { createRedact } from "./redact/redact.ts";
