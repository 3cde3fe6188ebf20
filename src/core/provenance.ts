// Where words came from: the hosts that people named themselves, and the foreign text that agents have read (state.taint,
// kept by the reducer from what tools say of their results).

import type { SessionState } from "../protocol/state.ts";

const address = /\bhttps?:\/\/(?:[^\s/@]*@)?(\[[0-9a-f:.]+\]|[^\s/:?#"'<>()\]]+)/gi;

/** Hosts of the addresses in what people wrote in this session: goals, prompts, words to the team, answers. */
export function namedHosts(state: SessionState): string[] {
  const texts = [
    state.goal,
    state.run?.prompt ?? "",
    ...state.history.map(({ prompt }) => prompt),
    ...(state.said ?? []).map(({ text }) => text),
    ...Object.values(state.interrupts).map(({ resolution }) => resolution?.text ?? ""),
  ];
  return [...new Set(texts.flatMap((text) => [...text.matchAll(address)].map((match) => match[1]!.toLowerCase())))];
}
