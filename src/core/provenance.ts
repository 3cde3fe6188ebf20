// Where words came from: the hosts that people named themselves, and the foreign text that agents have read (state.taint,
// kept by the reducer from what tools say of their results).

import type { InterruptState, SessionState } from "../protocol/state.ts";

const address = /\bhttps?:\/\/(?:[^\s/@]*@)?(\[[0-9a-f:.]+\]|[^\s/:?#"'<>()\]]+)/gi;

/** Of an answer what the person wrote: a choice that was offered is in an agent's words. */
function ownWords({ resolution, choices = [] }: InterruptState): string {
  const text = resolution?.text ?? "";
  return choices.some((choice) => choice.trim() === text.trim()) ? "" : text;
}

/** An address that leads to this machine itself. */
export function isOwnMachine(host: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d+){3}|\[?::1\]?|0\.0\.0\.0)$/.test(host);
}

/** Hosts of the addresses in what people wrote in this session: goals, prompts, words to the team, answers. */
export function namedHosts(state: SessionState): string[] {
  const texts = [
    state.goal,
    state.run?.prompt ?? "",
    ...state.history.map(({ prompt }) => prompt),
    ...(state.said ?? []).map(({ text }) => text),
    ...Object.values(state.interrupts).map(ownWords),
  ];
  return [...new Set(texts.flatMap((text) => [...text.matchAll(address)].map((match) => match[1]!.toLowerCase())))];
}
