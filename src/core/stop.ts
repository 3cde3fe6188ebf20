// Why work ends early, and how an end reaches a whole subtree: each task has a controller, linked to its parent's.
// An abort is an outcome, never an exception that somebody might swallow.

export type StopCode = "cancelled" | "timeout" | "budget" | "session_timeout" | "closed" | "not_recorded";

export type Stop = { code: StopCode; message: string };

/** A controller that aborts when its parent does, with the parent's reason. `release` forgets the link. */
export function linked(parent: AbortSignal): { controller: AbortController; release: () => void } {
  const controller = new AbortController();
  const pass = (): void => controller.abort(parent.reason);
  if (parent.aborted) pass();
  else parent.addEventListener("abort", pass, { once: true });
  return { controller, release: () => parent.removeEventListener("abort", pass) };
}

export function stopOf(signal: AbortSignal): Stop {
  const reason = signal.reason as Partial<Stop> | undefined;
  return { code: reason?.code ?? "cancelled", message: reason?.message ?? "cancelled" };
}
