// What is read aloud to a person who does not see the panel: replies, questions, errors. Live regions show these texts.

import { isKnown, type TraceEvent } from "../../src/protocol/events.ts";
import { textOf } from "../../src/protocol/transcript.ts";

const longest = 300;

export function announcementsOf(event: TraceEvent, spoken: { polite: string; urgent: string }): void {
  if (!isKnown(event)) return;
  switch (event.type) {
    case "message": {
      const text = event.payload.role === "assistant" ? textOf(event.payload.content) : "";
      if (text) spoken.polite = `${event.actor}: ${text.slice(0, longest)}`;
      return;
    }
    case "approval.requested":
      spoken.urgent = `Approval needed: ${event.payload.tool.replace("__", " ")}. ${event.payload.reasons.join(", ")}`;
      return;
    case "interrupt.raised":
      if (event.payload.kind !== "progress_report") spoken.urgent = `${event.actor} asks: ${event.payload.text.slice(0, longest)}`;
      return;
    case "run.ended":
      spoken.polite = `The run is ${event.payload.status}. ${event.payload.answer.slice(0, longest)}`;
      return;
    case "error":
      spoken.urgent = event.payload.message;
      return;
    default:
      return;
  }
}
