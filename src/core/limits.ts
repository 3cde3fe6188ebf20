// What ends a whole run from above, while it goes on: its minutes, and a budget that is overspent all the same because a
// provider answered with more than it was asked for. Minutes are those in which somebody works: waiting for a person
// does not count. They are measured by a clock that never jumps, and what an earlier process used is on record.

import type { SessionState } from "../protocol/state.ts";
import { overspent } from "./budget.ts";
import { type Run, stateOf } from "./run.ts";
import type { Stop } from "./stop.ts";

const minuteMs = 60_000;
/** The least that is worth a record; also how soon an end that was put off by waiting is looked for again. */
const leastMs = 1_000;

export type Watch = {
  /** Ends the watch, and records the time used so far if the run itself has not ended. */
  end(): void;
};

export function watchLimits(run: Run, controller: AbortController): Watch {
  const { clock } = run.ports;
  const over = new AbortController();
  let used = stateOf(run).run?.activeMs ?? 0;
  let recorded = used;
  let since = clock.monotonic();
  let working = isWorking(stateOf(run));

  const usedNow = (): number => used + (working ? clock.monotonic() - since : 0);
  const record = (): void => {
    const value = Math.round(usedNow());
    if (value - recorded < leastMs || stateOf(run).run?.status !== "running") return;
    recorded = value;
    run.log.append({ type: "state.changed", actor: "orchestrator", payload: { key: "activeMs", value } });
  };
  const unobserve = run.log.observe((event) => {
    used = usedNow();
    since = clock.monotonic();
    working = isWorking(stateOf(run));
    // One that worked alone begins no further turn; others in the middle of theirs are stopped.
    if (event.type === "turn.ended" && working) stopOverspent(run, controller);
  });

  const { minutes } = stateOf(run).config.budget;
  const late: Stop = { code: "session_timeout", message: `the run's ${minutes} minutes are over; resume to go on` };
  void whenUsed(run, minutes * minuteMs, usedNow, over.signal).then(() => over.signal.aborted || controller.abort(late));
  void everyMinute(run, record, over.signal);
  return {
    end() {
      over.abort();
      unobserve();
      record();
    },
  };
}

async function whenUsed(run: Run, limitMs: number, usedNow: () => number, signal: AbortSignal): Promise<void> {
  for (let left = limitMs - usedNow(); left > 0 && !signal.aborted; left = limitMs - usedNow())
    await run.ports.clock.sleep(Math.max(left, leastMs), signal);
}

/** A process that is killed loses a minute of the count at most. */
async function everyMinute(run: Run, record: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await run.ports.clock.sleep(minuteMs, signal);
    if (!signal.aborted) record();
  }
}

/** Somebody thinks, or a tool is at work; a call of the team's own flow waits for somebody else. */
function isWorking({ tasks }: SessionState): boolean {
  return Object.values(tasks).some(
    ({ thinkingSince, openCalls }) =>
      thinkingSince !== undefined || openCalls.some(({ tool, started }) => started && !tool.startsWith("agents__")),
  );
}

function stopOverspent(run: Run, controller: AbortController): void {
  const what = overspent(stateOf(run));
  if (what === undefined) return;
  const message = `a model used more than it was asked to, and the budget is overspent (${what}); raise it: ao resume SESSION --budget-usd N`;
  controller.abort({ code: "budget", message } satisfies Stop);
}
