// At most so many at once, in order of arrival: how many agents of a run think at the same time.

export type Slots = {
  /** A slot, given back by calling it; undefined when the signal aborts first. */
  take(signal: AbortSignal): Promise<(() => void) | undefined>;
};

export function createSlots(limit: () => number): Slots {
  let taken = 0;
  const waiting: (() => void)[] = [];

  const giveBack = (): void => {
    taken -= 1;
    waiting.shift()?.();
  };

  return {
    async take(signal) {
      while (taken >= limit() && !signal.aborted) await turnOf(waiting, signal);
      if (signal.aborted) {
        // Whoever stops does not keep the next one waiting.
        if (taken < limit()) waiting.shift()?.();
        return undefined;
      }
      taken += 1;
      let held = true;
      return () => {
        if (held) giveBack();
        held = false;
      };
    },
  };
}

function turnOf(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      signal.removeEventListener("abort", go);
      const at = waiting.indexOf(go);
      if (at >= 0) waiting.splice(at, 1);
      resolve();
    };
    waiting.push(go);
    signal.addEventListener("abort", go, { once: true });
  });
}
