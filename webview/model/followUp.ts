// Runs that begin from what is proposed: the host answers once they are on record, or says why they are refused.

import type { FollowUp } from "../../src/protocol/commands.ts";
import type { PanelStore } from "../state.ts";

/** True when it began; otherwise a notice says why. The conversation shows what it does. */
export async function beginFollowUp(store: PanelStore, command: FollowUp): Promise<boolean> {
  try {
    await store.link.request("followUp", { command });
  } catch (error) {
    store.tell({ tone: "error", text: error instanceof Error ? error.message : String(error) });
    return false;
  }
  store.show("chat");
  return true;
}
