// Globs from models and users: never compiled into a pattern that can hang, the same meaning in every tool.

import picomatch from "picomatch";

/** A glob without `/` matches names at any depth; undefined when it is not usable. */
export function compileGlob(glob: string): ((path: string) => boolean) | undefined {
  const plain = glob.replace(/^\.\//, "").replace(/^\/+/, "");
  if (plain === "" || plain.length > 500 || plain.split("{").length > 6 || plain.split("*").length > 20) return undefined;
  const pattern = plain.endsWith("/") ? `${plain}**` : plain;
  return picomatch(pattern, { dot: true, noextglob: true, nonegate: true, basename: !pattern.includes("/") });
}
