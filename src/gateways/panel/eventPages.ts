// Pages of a session's log for the interface's lists, so that a log of any length is never whole in its memory.

import type { StorePort } from "../../core/ports.ts";
import type { HostAnswers, ToHost } from "../../protocol/panel.ts";
import type { TraceEvent } from "../../protocol/events.ts";

const readAtOnce = 2_000;
const mostPerPage = 1_000;

/** Without filters a page costs one read; with them as many as it takes to fill it. */
export async function pageOfEvents(store: StorePort, query: ToHost["events"]): Promise<HostAnswers["events"]> {
  const { sessionId, after = 0, before = Infinity, taskId } = query;
  const limit = Math.min(query.limit, mostPerPage);
  const total = (await store.findSession(sessionId))?.seq ?? 0;
  const events: TraceEvent[] = [];
  const filtered = query.types !== undefined || query.text !== undefined;
  for (let from = after; events.length < limit;) {
    const read = await store.read(sessionId, { after: from, limit: filtered ? readAtOnce : limit, ...(taskId ? { taskId } : {}) });
    for (const event of read) if (event.seq < before && events.length < limit && matches(event, query)) events.push(event);
    const last = read.at(-1);
    if (!last || last.seq >= before || (!filtered && read.length <= limit)) break;
    from = last.seq;
  }
  return { events, total };
}

function matches(event: TraceEvent, { types, text }: ToHost["events"]): boolean {
  if (types && !types.includes(event.type)) return false;
  return text === undefined || text === "" || JSON.stringify(event).toLowerCase().includes(text.toLowerCase());
}
