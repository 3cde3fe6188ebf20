// "Did you mean …?" for programs above the registry, which owns the measure.

export { closest } from "../registry/closest.ts";
