// How a store fails in a way that the caller can tell apart: a code, and one sentence with the way out.
// A conflict between two writers is not here: core knows it by the class in its ports.

export type StoreFailureCode = "closed" | "full" | "busy" | "corrupt" | "read_only" | "io" | "newer_version" | "unsupported" | "failed";

export class StoreFailure extends Error {
  override name = "StoreFailure";
  readonly code: StoreFailureCode;

  constructor(code: StoreFailureCode, message: string) {
    super(message);
    this.code = code;
  }
}
