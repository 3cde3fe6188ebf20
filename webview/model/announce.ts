// What is read aloud to a person who does not see the panel: replies, questions, errors. Live regions show these texts.

import { type ApprovalRequest, isKnown, type TraceEvent } from "../../src/protocol/events.ts";
import { textOf } from "../../src/protocol/transcript.ts";
import { sayCall } from "../ui/words.ts";

const longest = 300;

function approvalWords({ tool, arguments: args, reasons }: ApprovalRequest): string {
  const { verb, about } = sayCall(tool, args);
  return `Approval needed: ${verb} ${about.slice(0, longest)}. ${reasons.join(", ")}`;
}

export function announcementsOf(event: TraceEvent, spoken: { polite: string; urgent: string }): void {
  if (!isKnown(event)) return;
  switch (event.type) {
    case "message": {
      const text = event.payload.role === "assistant" ? textOf(event.payload.content) : "";
      if (text) spoken.polite = `${event.actor}: ${text.slice(0, longest)}`;
      return;
    }
    case "approval.requested":
      spoken.urgent = approvalWords(event.payload);
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
