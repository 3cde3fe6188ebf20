// Rules of policy files and blueprints, compiled once, and whether one applies to a call. A deny or ask rule applies to all
// that it could mean; an allow rule only where every part of the call is covered. Owns no order of rules: that is guard.ts.

import type { Permission } from "../protocol/agents.ts";
import { alternativesOf, type CommandMatcher, commandMatcher, type NamedPath, type PathMatcher, pathMatcher } from "./patterns.ts";
import type { Hidden, Reach, SimpleCommand, TouchedPlace } from "./ports.ts";
import { globMatches } from "./routing.ts";

export type Rule = Permission & {
  paths: PathMatcher[];
  commands: CommandMatcher[];
  /** The file that it stands in, for the reason that a person reads. */
  from?: string;
};

export type RuledCall = {
  tool: string;
  reach: Reach;
  /** Paths that the arguments name, for tools whose reach is not known. */
  paths: string[];
};

/** The paths among a call's arguments, by the names that tools give them. */
export function pathsOf(args: unknown): string[] {
  const { path, from, to } = (args ?? {}) as { path?: unknown; from?: unknown; to?: unknown };
  return [path, from, to].filter((one) => typeof one === "string");
}

const compiled = new WeakMap<Permission, Rule>();

export function compileRule(permission: Permission & { from?: string }): Rule {
  const known = compiled.get(permission);
  if (known) return known;
  const reading = permission.effect === "allow" ? "exact" : "broad";
  const rule = {
    ...permission,
    paths: (permission.path ?? []).map((glob) => pathMatcher(glob, reading)),
    commands: (permission.command ?? []).map((pattern) => commandMatcher(pattern, reading)),
  };
  compiled.set(permission, rule);
  return rule;
}

export function nameOf(rule: Rule): string {
  return rule.id ?? `${rule.effect} ${rule.tool}`;
}

/** Whether a deny or ask rule means this call; "perhaps" where the call could not be read well enough to tell. */
export function means(rule: Rule, call: RuledCall): boolean | "perhaps" {
  const isNamed = globMatches(rule.tool, call.tool);
  const kept = isNamed ? undefined : keptPlaces(rule, call);
  if (!isNamed && !kept) return false;
  const { reach } = call;
  const asked: (boolean | "perhaps")[] = [];
  const places = kept ?? placesOf(call, "any");
  if (rule.path) asked.push(places.some((place) => rule.paths.some((matches) => matches(place))) || unsure(reach));
  if (rule.command) asked.push(reach.commands.some(({ words }) => rule.commands.some((matches) => matches(words))) || unsure(reach));
  if (rule.host) asked.push(reach.hosts.some((host) => hostIn(rule.host!, host)) || unsure(reach));
  if (asked.includes(false)) return false;
  return asked.includes("perhaps") ? "perhaps" : true;
}

const otherHands = ["shell", "git", "ide"];

/** What is kept from reading or writing as a file is not to be had by a command or by git either. */
function keptPlaces(rule: Rule, { tool, reach }: RuledCall): NamedPath[] | undefined {
  if (!rule.path || rule.command || rule.host || !otherHands.some((server) => globMatches(server, tool))) return undefined;
  const asFile = (use: TouchedPlace["use"]): string =>
    use === "delete" ? "filesystem__delete" : use === "write" ? "filesystem__write_file" : "filesystem__read_file";
  const places = reach.places.filter(({ use }) => globMatches(rule.tool, asFile(use)));
  return places.length > 0 ? places.map(allNamesOf) : undefined;
}

function unsure({ certain }: Reach): false | "perhaps" {
  return certain ? false : "perhaps";
}

/**
 * Whether allow rules cover the whole call: one rule for a call of an ordinary tool, for a command line one for each of
 * its simple commands. The rules that do; undefined where something is left over.
 */
export function coveredBy(rules: Rule[], call: RuledCall): Rule[] | undefined {
  const { reach, tool } = call;
  const mine = rules.filter((rule) => globMatches(rule.tool, tool) && rule.effect === "allow");
  if (mine.length === 0 || !reach.certain) return undefined;
  if (!isCommandLine(reach)) {
    const rule = mine.find((one) => !one.command && coversPlaces(one, call) && coversHosts(one, reach));
    return rule && [rule];
  }
  const used = new Set<Rule>();
  for (const command of reach.commands) {
    if (command.beyond.length > 0) return undefined;
    if (command.wrapper || command.effect === "reads") continue;
    const rule = mine.find((one) => coversCommand(one, command, call));
    if (!rule) return undefined;
    used.add(rule);
  }
  const redirected = reach.places.filter((place) => place.redirected);
  // Outside counts only what a rule names by its path.
  const named = (place: TouchedPlace): boolean => [...used].some((rule) => rule.paths.some((matches) => matches(realNameOf(place))));
  const outward = reach.places.filter((place) => place.minded || (place.relative === undefined && !named(place)));
  return used.size === 0 || redirected.length > 0 || outward.length > 0 ? undefined : [...used];
}

/**
 * What a tool that looks at many files at once must leave out: what deny and ask rules name by its path. `globs` says the
 * same for programs that match for themselves, as far as it lies in the task's folder.
 */
export function hiddenBy(rules: Rule[], tool: string): Hidden | undefined {
  const mine = rules.filter((rule) => rule.effect !== "allow" && rule.path && !rule.command && !rule.host && globMatches(rule.tool, tool));
  if (mine.length === 0) return undefined;
  const globs = mine.flatMap((rule) => rule.path!.flatMap(alternativesOf)).filter((glob) => !glob.startsWith("/"));
  return {
    matches: (relative, absolute) => {
      const place = { relative: [relative], absolute: [absolute] };
      return mine.some((rule) => rule.paths.some((matches) => matches(place)));
    },
    globs: globs.map((glob) => {
      const plain = glob.replace(/^\.\//, "").replace(/\/(\*\*)?$/, "");
      return plain.includes("/") ? plain : `**/${plain}`;
    }),
  };
}

function isCommandLine({ commands, text }: Reach): boolean {
  return text !== undefined || commands.length > 0;
}

function coversCommand(rule: Rule, command: SimpleCommand, call: RuledCall): boolean {
  const byWords = !rule.command || rule.commands.some((matches) => matches(command.words));
  return byWords && coversPlaces(rule, call) && coversHosts(rule, call.reach);
}

function coversPlaces(rule: Rule, call: RuledCall): boolean {
  if (!rule.path) return true;
  const places = placesOf(call, "real");
  return places.length > 0 && places.every((place) => rule.paths.some((matches) => matches(place)));
}

function coversHosts(rule: Rule, { hosts }: Reach): boolean {
  return !rule.host || (hosts.length > 0 && hosts.every((host) => hostIn(rule.host!, host)));
}

export function hostIn(patterns: string[], host: string): boolean {
  const plain = host.toLowerCase().replace(/\.$/, "");
  return patterns.some((pattern) => globMatches(pattern.toLowerCase(), plain));
}

type Names = "any" | "real";
const namesOf: Record<Names, WeakMap<Reach, NamedPath[]>> = { any: new WeakMap(), real: new WeakMap() };

/** A deny or ask rule heeds every name of a place; an allow rule only where it really is. */
function placesOf({ reach, paths }: RuledCall, names: Names): NamedPath[] {
  const known = namesOf[names].get(reach);
  if (known) return known;
  const given = paths.map((path) => (path.startsWith("/") ? outer([path]) : { relative: [path], absolute: [] }));
  const seen = reach.places.map((place) => (names === "any" ? allNamesOf(place) : realNameOf(place)));
  const all = seen.length > 0 ? seen : given;
  namesOf[names].set(reach, all);
  return all;
}

function realNameOf({ real, relative }: TouchedPlace): NamedPath {
  return relative === undefined ? outer([real]) : { relative: [relative], absolute: [real] };
}

const placeNames = new WeakMap<TouchedPlace, NamedPath>();

/** Made once for all rules that look at it. */
function allNamesOf(place: TouchedPlace): NamedPath {
  const known = placeNames.get(place) ?? namesAt(place);
  placeNames.set(place, known);
  return known;
}

function namesAt({ real, relative, named }: TouchedPlace): NamedPath {
  if (relative === undefined) return outer([real, named]);
  const root = relative === "." ? real : real.slice(0, -relative.length);
  const own = named.startsWith(root) ? [named.slice(root.length).replace(/^\//, "")] : [];
  return { relative: [relative, ...own], absolute: [real, named] };
}

function outer(absolute: string[]): NamedPath {
  return { relative: [], absolute };
}
