// The peers port. What is behind it (inProcessPeers.ts) is loaded with the first handoff: looking at a session needs none.

import type { PeersPort } from "../../core/ports.ts";

export function createLatePeers(): PeersPort {
  let served: Parameters<PeersPort["serve"]> | undefined;
  let opened: Promise<PeersPort> | undefined;
  const open = async (): Promise<PeersPort> => {
    const { createInProcessPeers } = await import("./inProcessPeers.ts");
    const peers = createInProcessPeers();
    if (served) peers.serve(...served);
    return peers;
  };
  return {
    serve: (...ways) => void (served = ways),
    send: async (handoff, signal) => (await (opened ??= open())).send(handoff, signal),
  };
}
