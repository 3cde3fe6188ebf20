// What follows from a reach (ports.ts) as it stands; no judgement of its own.

import type { Reach, TouchedPlace } from "./ports.ts";

/** How a place is shown to a person. */
export function sayPlace({ real, relative }: TouchedPlace): string {
  return relative ?? real;
}

export function outsideOf(reach: Reach): string[] {
  return distinct(reach.places.filter(({ relative }) => relative === undefined));
}

export function mindedOf(reach: Reach): string[] {
  return distinct(reach.places.filter(({ minded }) => minded));
}

function distinct(places: TouchedPlace[]): string[] {
  return [...new Set(places.map(sayPlace))];
}
