// Contents by hash, fetched once when first looked at; the oldest are let go.

import type { ContentHash } from "../../src/protocol/ids.ts";
import type { HostLink } from "../host.ts";

export type Content = { text: string } | { error: string } | "loading";
export type Artifacts = { get(hash: ContentHash): Content };

const mostKept = 24;

export function createArtifacts(link: HostLink, changed: () => void): Artifacts {
  const contents = new Map<ContentHash, Content>();
  const fetch = async (hash: ContentHash): Promise<void> => {
    try {
      contents.set(hash, await link.request("artifact", { hash }));
    } catch (error) {
      contents.set(hash, { error: error instanceof Error ? error.message : String(error) });
    }
    changed();
  };
  return {
    get(hash) {
      const known = contents.get(hash);
      if (known) return known;
      const [oldest] = contents.keys();
      if (contents.size >= mostKept && oldest !== undefined) contents.delete(oldest);
      contents.set(hash, "loading");
      void fetch(hash);
      return "loading";
    },
  };
}
