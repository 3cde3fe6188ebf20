// The log as the trace view scrolls it: pages fetched when they come in sight and let go when they are far, so that a log
// of any length stays a few hundred events here. With a filter the host searches, and what it found grows page by page.

import type { TraceEvent } from "../../src/protocol/events.ts";
import type { SessionId, TaskId } from "../../src/protocol/ids.ts";
import type { HostLink } from "../host.ts";

export type TraceFilter = { taskId?: TaskId; type?: string; text?: string };

export type TraceLog = {
  /** Turns to a session and a filter; the same again changes nothing. */
  look(sessionId: SessionId, filter: TraceFilter): void;
  count(total: number): number;
  /** `undefined` while it is being fetched. */
  at(index: number): TraceEvent | undefined;
  /** Where an event stands, as far as is known; -1 if nowhere. */
  indexOf(seq: number): number;
  /** Takes a new event of the session that is looked at. */
  add(event: TraceEvent): void;
  /** With a filter: all of the log has been searched. */
  readonly complete: boolean;
};

const pageSize = 200;
const mostPages = 12;
const mostFound = 5_000;

type Looking = {
  sessionId: SessionId;
  filter: TraceFilter;
  pages: Map<number, TraceEvent[] | "loading">;
  found: TraceEvent[];
  searched: number;
  searching: boolean;
  complete: boolean;
};

export function createTraceLog(link: HostLink, changed: () => void): TraceLog {
  let now: Looking | undefined;
  return {
    look(sessionId, filter) {
      if (now?.sessionId === sessionId && sameFilter(now.filter, filter)) return;
      now = { sessionId, filter: { ...filter }, pages: new Map(), found: [], searched: 0, searching: false, complete: false };
      if (isFiltered(filter)) void search(now, link, changed);
    },
    count: (total) => (now && isFiltered(now.filter) ? now.found.length : total),
    at(index) {
      if (!now) return undefined;
      if (isFiltered(now.filter)) {
        if (index > now.found.length - pageSize / 2) void search(now, link, changed);
        return now.found[index];
      }
      const page = Math.floor(index / pageSize);
      const loaded = now.pages.get(page);
      if (loaded === undefined) void fetchPage(now, page, link, changed);
      return Array.isArray(loaded) ? loaded[index % pageSize] : undefined;
    },
    indexOf(seq) {
      if (!now) return -1;
      return isFiltered(now.filter) ? now.found.findIndex((event) => event.seq === seq) : seq - 1;
    },
    add(event) {
      if (now?.sessionId === event.sessionId) addNew(now, event);
    },
    get complete() {
      return now?.complete ?? true;
    },
  };
}

async function fetchPage(at: Looking, page: number, link: HostLink, changed: () => void): Promise<void> {
  at.pages.set(page, "loading");
  try {
    const { events } = await link.request("events", { sessionId: at.sessionId, after: page * pageSize, limit: pageSize });
    at.pages.set(page, events);
    letGo(at, page);
  } catch {
    at.pages.delete(page);
    return;
  }
  changed();
}

async function search(at: Looking, link: HostLink, changed: () => void): Promise<void> {
  if (at.searching || at.complete) return;
  at.searching = true;
  try {
    const { taskId, type, text } = at.filter;
    const query = { ...(taskId ? { taskId } : {}), ...(type ? { types: [type] } : {}), ...(text ? { text } : {}) };
    const { events } = await link.request("events", { sessionId: at.sessionId, after: at.searched, limit: pageSize, ...query });
    at.found.push(...events);
    at.searched = events.at(-1)?.seq ?? at.searched;
    at.complete = events.length < pageSize || at.found.length >= mostFound;
  } catch {
    at.complete = true;
  }
  at.searching = false;
  changed();
}

function addNew(at: Looking, event: TraceEvent): void {
  if (isFiltered(at.filter)) {
    if (at.complete && at.found.length < mostFound && matches(event, at.filter)) at.found.push(event);
    return;
  }
  const index = Math.floor((event.seq - 1) / pageSize);
  const page = at.pages.get(index);
  const place = (event.seq - 1) % pageSize;
  if (!Array.isArray(page)) return;
  if (page.length === place) page.push(event);
  else if (page.length < place) at.pages.delete(index);
}

export function isFiltered({ taskId, type, text }: TraceFilter): boolean {
  return Boolean(taskId ?? type ?? text);
}

function sameFilter(a: TraceFilter, b: TraceFilter): boolean {
  return a.taskId === b.taskId && a.type === b.type && a.text === b.text;
}

function matches(event: TraceEvent, { taskId, type, text }: TraceFilter): boolean {
  if (taskId !== undefined && event.taskId !== taskId) return false;
  if (type !== undefined && event.type !== type) return false;
  return text === undefined || JSON.stringify(event).toLowerCase().includes(text.toLowerCase());
}

function letGo({ pages }: Looking, near: number): void {
  const far = [...pages.keys()].sort((a, b) => Math.abs(b - near) - Math.abs(a - near));
  for (const page of far.slice(0, Math.max(0, pages.size - mostPages))) pages.delete(page);
}
