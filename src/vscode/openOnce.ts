// Something that is opened when it is first wanted, once for all who want it meanwhile, and again after it was closed.

export type Once<T> = {
  get(): Promise<T>;
  /** Undefined until it is open, and once it is closed. */
  present(): T | undefined;
  close(): Promise<void>;
};

type Ways<T> = {
  open: () => Promise<T>;
  close: (opened: T) => Promise<void>;
  /** Told how the opening ended, unless it was given up meanwhile: then whoever closes it waits for it. */
  settled: (why?: unknown) => void;
};

export function openOnce<T>({ open, close, settled }: Ways<T>): Once<T> {
  let opening: Promise<T> | undefined;
  let present: T | undefined;
  const begin = (): Promise<T> => {
    const own: Promise<T> = open().then(
      (opened) => {
        if (opening !== own) return opened;
        present = opened;
        settled();
        return opened;
      },
      (error: unknown) => {
        if (opening !== own) throw error;
        opening = undefined;
        settled(error ?? new Error("it could not be opened"));
        throw error;
      },
    );
    return own;
  };
  return {
    get: () => (opening ??= begin()),
    present: () => present,
    async close() {
      const closing = opening;
      opening = undefined;
      present = undefined;
      await closing?.then(close).catch(() => undefined);
    },
  };
}
