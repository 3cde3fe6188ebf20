// The expected is data: an operation that can fail in a known way returns a Result; bugs throw.

export type Failure = { code: FailureCode; message: string };

/** Codes decide, never message texts. */
export type FailureCode =
  | "not_found"
  | "conflict"
  | "invalid"
  | "unknown_command"
  | "no_model"
  | "no_workspace"
  | "busy"
  | "already_answered"
  | "not_recorded"
  | "not_written"
  | "nothing_to_do";

export type Result<T, F = Failure> = { ok: true; value: T } | { ok: false; error: F };

export function ok<T>(value: T): { ok: true; value: T } {
  return { ok: true, value };
}

export function fail(code: FailureCode, message: string): { ok: false; error: Failure } {
  return { ok: false, error: { code, message } };
}

/** For the default branch of an exhaustive switch: a forgotten case does not compile. */
export function unreachable(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A message as the beginning of a longer line. */
export function withoutStop(message: string): string {
  return message.replace(/\.$/, "");
}
