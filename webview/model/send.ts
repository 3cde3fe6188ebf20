// What a person wrote in the composer, turned into what the host is asked: a prompt, or one of the slash commands.

import { type Level, levels } from "../../src/protocol/agents.ts";
import type { Attachment, ToHost } from "../../src/protocol/panel.ts";
import type { PanelStore } from "../state.ts";
import { tell, waitsForLanding } from "./steer.ts";

export type SlashCommand = { name: string; hint: string; /** What may follow it. */ values?: (store: PanelStore) => string[] };

export const slashCommands: SlashCommand[] = [
  { name: "run", hint: "GOAL: start a new session with this goal" },
  { name: "workflow", hint: "NAME [GOAL]: choose how the team works", values: ({ facts }) => facts?.workflows.map(({ id }) => id) ?? [] },
  { name: "agent", hint: "NAME GOAL: give the goal to one agent", values: ({ facts }) => facts?.agents.map(({ id }) => id) ?? [] },
  { name: "model", hint: "NAME: choose the model", values: ({ facts }) => facts?.models?.map(({ name }) => name) ?? [] },
  { name: "level", hint: "LEVEL: what may happen without asking", values: () => [...levels] },
  { name: "stop", hint: "stop the run" },
  { name: "resume", hint: "go on with an interrupted run" },
  { name: "new", hint: "leave this session and begin another" },
];

/** True when the text was taken; otherwise the draft stays and a notice says why. */
export async function send(store: PanelStore, text: string, attachments: Attachment[]): Promise<boolean> {
  const [, name, rest = ""] = /^\/(\w+)(?:\s+([\s\S]*))?$/.exec(text.trim()) ?? [];
  if (name === undefined) return say(store, text.trim(), attachments);
  const [word = "", ...more] = rest.split(/\s+/);
  const goal = more.join(" ");
  switch (name) {
    case "run":
      if (rest === "") return refuse(store, "Say what to do: /run GOAL");
      store.newSession();
      return prompt(store, { text: rest, attachments });
    case "workflow":
      if (!store.facts?.workflows.some(({ id }) => id === word))
        return refuse(store, `There is no workflow "${word}"; there are: ${store.facts?.workflows.map(({ id }) => id).join(", ")}`);
      if (goal !== "") return prompt(store, { text: goal, attachments, workflow: word });
      return (await ask(store, "settings", { workflow: word })) && said(store, `Workflow: ${word}`);
    case "agent":
      if (!store.facts?.agents.some(({ id }) => id === word)) return refuse(store, `There is no agent "${word}".`);
      if (goal === "") return refuse(store, `Say what ${word} shall do: /agent ${word} GOAL`);
      store.newSession();
      return prompt(store, { text: goal, attachments, agent: word });
    case "model":
      if (word === "") return ask(store, "editor", { action: "pickModel" });
      return (await ask(store, "settings", { model: word })) && said(store, `Model: ${word}`);
    case "level":
      if (!levels.includes(word as Level)) return refuse(store, `A level is one of ${levels.join(", ")}.`);
      return (await ask(store, "settings", { level: word as Level })) && said(store, `Level: ${word}`);
    case "stop":
      return stop(store);
    case "resume":
      return resume(store);
    case "new":
      store.newSession();
      return true;
    default:
      return refuse(store, `There is no command /${name}; there are: ${slashCommands.map((one) => `/${one.name}`).join(", ")}`);
  }
}

export async function stop(store: PanelStore): Promise<boolean> {
  if (!store.session) return false;
  const { id: sessionId } = store.session;
  return (await store.command({ type: "session.cancel", sessionId, reason: "stopped in the panel" })) !== undefined;
}

export async function resume(store: PanelStore): Promise<boolean> {
  return store.session !== undefined && (await store.ask("resume", { sessionId: store.session.id })) !== undefined;
}

/** While the team works it is told; otherwise, also when only its result waits, it is the next prompt. */
async function say(store: PanelStore, text: string, attachments: Attachment[]): Promise<boolean> {
  const { session } = store;
  return session?.running && !waitsForLanding(store) ? tell(store, session, text, attachments) : prompt(store, { text, attachments });
}

export async function sendPrompt(store: PanelStore, text: string): Promise<boolean> {
  return prompt(store, { text, attachments: [] });
}

/** Code of an answer, given back to those who can put it where it belongs. */
export async function applyCode(store: PanelStore, code: string): Promise<boolean> {
  const fence = "`".repeat(Math.max(3, ...[...code.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
  return say(store, `Apply this code to the project, where it belongs:\n\n${fence}\n${code.trimEnd()}\n${fence}`, []);
}

async function prompt(store: PanelStore, request: ToHost["prompt"]): Promise<boolean> {
  const { session } = store;
  store.starting = session === undefined;
  try {
    const started = await store.link.request("prompt", { ...request, ...(session ? { sessionId: session.id } : {}) });
    if (!store.session) store.open(started.sessionId);
    store.tell(undefined);
    return true;
  } catch (error) {
    return refuse(store, error instanceof Error ? error.message : String(error));
  } finally {
    store.starting = false;
  }
}

async function ask<T extends "settings" | "editor">(store: PanelStore, type: T, body: ToHost[T]): Promise<boolean> {
  try {
    await store.link.request(type, body);
    return true;
  } catch (error) {
    return refuse(store, error instanceof Error ? error.message : String(error));
  }
}

function refuse(store: PanelStore, text: string): false {
  store.tell({ tone: "error", text });
  return false;
}

function said(store: PanelStore, text: string): true {
  store.tell({ tone: "info", text });
  return true;
}
