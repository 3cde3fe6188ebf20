// The only ambient names that core may use, with no more than it uses of them. There is no Node and no DOM here.
// A declaration file is not emitted, so the layers above keep their own, fuller types.

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
