// What the interface remembers between two lives of its page: drafts, places, filters and the recent transcript, in
// IndexedDB. A cache and no more: without it everything works, only slower and from the beginning.

import { del, get, set } from "idb-keyval";

export type Keep = {
  load<T>(key: string): Promise<T | undefined>;
  /** Written a little later, the newest value only; or at once, where it is small and changes by a person's hand alone. */
  save(key: string, value: unknown, when?: "at once"): void;
  forget(key: string): void;
  /** Writes what is waiting now: the page is about to go. */
  flush(): void;
};

const settleMs = 600;

export function browserKeep(): Keep {
  const waiting = new Map<string, unknown>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    for (const [key, value] of waiting) void set(key, value).catch(() => undefined);
    waiting.clear();
  };

  return {
    async load<T>(key: string) {
      if (waiting.has(key)) return waiting.get(key) as T;
      try {
        return await get<T>(key);
      } catch {
        return undefined;
      }
    },
    save(key, value, when) {
      if (when === "at once") void set(key, value).catch(() => undefined);
      else {
        waiting.set(key, value);
        timer ??= setTimeout(flush, settleMs);
      }
    },
    forget(key) {
      waiting.delete(key);
      void del(key).catch(() => undefined);
    },
    flush,
  };
}
