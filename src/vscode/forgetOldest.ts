// A memory with a bound that never loses what is in use.

/** Gives up the oldest entries beyond `most`; those in use are kept and do not count. */
export function forgetOldest<K>(memory: Map<K, unknown>, inUse: ReadonlySet<K>, most: number): void {
  const idle = [...memory.keys()].filter((key) => !inUse.has(key));
  for (const key of idle.slice(0, Math.max(0, idle.length - most))) memory.delete(key);
}
