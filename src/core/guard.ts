// Whether a call may happen: hard floor > deny > ask > allow > default of the level. Rules are data and the decision is a
// pure function of the call, its reach (judged on real paths by a port) and the rules that hold; every decision has a
// risk score and reasons in plain words. Owns no waiting and no asking: that is approvals.ts.

import type { Level } from "../protocol/agents.ts";
import { unreachable } from "../protocol/result.ts";
import { commandMatcher } from "./patterns.ts";
import type { Reach, ToolAccess } from "./ports.ts";
import { mindedOf, outsideOf } from "./reach.ts";
import { isKnown, riskOf } from "./risk.ts";
import { globMatches } from "./routing.ts";
import { coveredBy, hostIn, means, nameOf, type Rule } from "./rules.ts";

export type Decision = {
  decision: "allow" | "ask" | "deny";
  risk: number;
  reasons: string[];
  rule: string | null;
  /** Asked by a rule or for where its words came from: no standing grant goes past it. */
  fixed?: true;
};

export type GuardInput = {
  tool: string;
  access: ToolAccess;
  reach: Reach;
  writable: boolean;
  level: Level;
  yesTo: string[];
  /** The project's own check commands, as its files declared them before any agent wrote. */
  checks: string[];
  /** The rules of policy files and of the line of agents down to this one. */
  rules: Rule[];
  /** The paths that the arguments name, for tools whose reach is not known. */
  paths: string[];
  /** Where foreign text came from that the team has read: the web, MCP servers. */
  taint: string[];
  /** The hosts that a person named in words of their own. */
  named: string[];
  /** Commands were to run in a sandbox, and none works here. */
  unsandboxed?: boolean;
};

/** The levels' defaults as named rules, so that `--yes-to NAME` can accept one beforehand. */
export const askRules = {
  writes: "changes files in the agent's own worktree",
  checks: "runs the project's own checks",
  shell: "runs a shell command",
  network: "reads from the network",
} as const;

export function decide(input: GuardInput): Decision {
  return floor(input) ?? byRule(input, "deny") ?? byTaint(input) ?? byRule(input, "ask") ?? byAllowRule(input) ?? byEffect(input);
}

// ---------------------------------------------------------------------------------------------------- floor

/** Refused at every level, bypass included. */
function floor({ tool, access, reach, writable }: GuardInput): Decision | undefined {
  const runs = access.effect === "execute";
  if ((access.effect === "write" || (runs && !onlyReads(reach))) && !writable)
    return deny(60, `${tool} changes things, and this task may only read`, "floor-read-only");
  const outside = outsideOf(reach);
  if (!runs && outside.length > 0) return deny(80, `reaches outside the agent's folder: ${outside.join(", ")}`, "floor-outside");
  const changed = reach.places.filter(({ use }) => use === "write" || use === "delete");
  const minded = mindedOf({ ...reach, places: runs ? changed : reach.places });
  if ((runs || access.effect === "write") && minded.length > 0)
    return deny(90, `touches a protected place: ${minded.join(", ")}`, "floor-protected");
  const lost = outsideOf({ ...reach, places: changed.filter(({ use, real }) => use === "delete" && !isTemporary(real)) });
  if (lost.length > 0)
    return deny(95, `deletes outside the agent's folder, which nothing brings back: ${lost.join(", ")}`, "floor-destructive");
  const answers = reach.commands.find(({ words }) => runs && isOwnAnswer(words));
  if (answers) return deny(95, `"${answers.words.slice(0, 3).join(" ")}" would answer for the person`, "floor-own-answer");
  const destroys = runs && destroyer.exec(reach.text ?? reach.commands.map(({ words }) => words.join(" ")).join("; "));
  return destroys ? deny(100, `"${destroys[0].trim()}" destroys what cannot be restored`, "floor-destructive") : undefined;
}

const answering = ["approve", "answer", "apply", "policy accept"].map((verb) => commandMatcher(`ao ${verb} *`, "broad"));

/** An agent gives no answer to what it was asked for. */
function isOwnAnswer(words: string[]): boolean {
  return answering.some((matches) => matches(words));
}

function isTemporary(path: string): boolean {
  return /^(\/private)?(\/var)?\/tmp\/[^/]/.test(path);
}

/**
 * Seen anywhere in a command, whatever stands around it: removing the root, a home or a folder of the system, making a
 * file system, writing over a device, a fork bomb. A safety net for accidents, not a fence against cunning: that is a sandbox's work.
 */
const destroyer = new RegExp(
  [
    String.raw`\brm\s+(-{1,2}[\w-]+\s+)*(["']?(/|~|\$HOME|\$\{HOME\})["']?/?\*?|/(home|root|etc|usr|var|bin|sbin|lib\w*|opt|boot|dev|Users|System|Library)/?\*?)(?=\s|;|&|\||$)`,
    String.raw`\bmkfs(\.\w+)?\s`,
    String.raw`\bdd\s[^;|&]*\bof=/dev/`,
    String.raw`\b(wipefs|blkdiscard|mkswap|badblocks|sgdisk|sfdisk)\s[^;|&]*/dev/`,
    // The rights of everything, or of all that is somebody's.
    String.raw`\bch(mod|own|grp)\s(?=[^;|&]*\s?-(\w*R|-recursive))[^;|&]*\s["']?(/|~|\$HOME|\$\{HOME\})["']?/?(?=\s|;|&|\||$)`,
    // A function that starts itself twice over.
    String.raw`(?<self>[\w:]+)\s*\(\)\s*\{\s*\k<self>\s*\|\s*\k<self>\s*&`,
  ].join("|"),
);

// ---------------------------------------------------------------------------------------------------- rules

function byRule(input: GuardInput, effect: "deny" | "ask"): Decision | undefined {
  let perhaps: Rule | undefined;
  for (const rule of input.rules) {
    if (rule.effect !== effect) continue;
    const meant = means(rule, input);
    if (meant === "perhaps") perhaps ??= rule;
    else if (meant) return effect === "deny" ? deny(Math.max(50, riskOf(input).score), sayRule(rule), nameOf(rule)) : asked(input, rule);
  }
  return perhaps && asked(input, perhaps, true);
}

/** At bypass too: a rule goes before the level. */
function asked(input: GuardInput, rule: Rule, perhaps = false): Decision | undefined {
  const { score, reasons } = riskOf(input);
  const reason = perhaps ? `perhaps ${sayRule(rule)}` : sayRule(rule);
  const name = nameOf(rule);
  if (input.yesTo.includes(name)) return undefined;
  return { decision: "ask", risk: Math.max(50, score), reasons: [reason, ...reasons], rule: name, fixed: true };
}

function sayRule(rule: Rule): string {
  const where = rule.from === undefined ? "" : ` (${rule.from})`;
  const says = rule.effect === "deny" ? "is forbidden by the rule" : "is to be asked by the rule";
  return `${says} ${nameOf(rule)}${rule.reason === undefined ? "" : `: ${rule.reason}`}${where}`;
}

function byAllowRule(input: GuardInput): Decision | undefined {
  const rules = coveredBy(input.rules, input);
  if (!rules) return undefined;
  const names = rules.map(nameOf);
  const { score, reasons } = riskOf(input);
  return { decision: "allow", risk: score, reasons: [`allowed by the rule ${names.join(", ")}`, ...reasons], rule: names[0]! };
}

// ---------------------------------------------------------------------------------------------------- provenance

/**
 * What an agent read on the web or from an MCP server cannot by itself send data out or open secrets: once such text is
 * in the team's hands, hosts that no person and no rule named are asked for, at every level.
 */
function byTaint(input: GuardInput): Decision | undefined {
  const { taint, reach, named } = input;
  if (taint.length === 0) return undefined;
  const secrets = mindedOf(reach).length > 0;
  const strange = reach.hosts.filter((host) => !hostIn(named, host) && !namedByRule(input.rules, host));
  if (!secrets && strange.length === 0) return undefined;
  const from = `the team has read text from ${taint.slice(0, 3).join(", ")}`;
  const tainted = secrets ? `${from}, which must not be what opens secrets` : `${from}, and no person named ${strange.join(", ")}`;
  const { score, reasons } = riskOf({ ...input, tainted });
  return { decision: "ask", risk: score, reasons, rule: "tainted", fixed: true };
}

function namedByRule(rules: Rule[], host: string): boolean {
  return rules.some((rule) => rule.effect === "allow" && rule.host && hostIn(rule.host, host));
}

// ---------------------------------------------------------------------------------------------------- levels

function byEffect(input: GuardInput): Decision {
  const { effect } = input.access;
  switch (effect) {
    case "control":
      return { decision: "allow", risk: 0, reasons: ["part of the team's own flow"], rule: null };
    case "read":
      if (mindedOf(input.reach).length > 0) return ask(input, "secrets", "reads what may hold secrets");
      if (input.reach.network) return ask(input, "network", askRules.network, input.level === "assisted" && isNamed(input));
      return { decision: "allow", risk: 0, reasons: ["only reads in the agent's folder"], rule: "reads" };
    case "write":
      return ask(input, "writes", askRules.writes, input.level === "assisted");
    case "execute":
      return byCommand(input);
    default:
      return unreachable(effect);
  }
}

/** A person wrote the host in a goal or an answer. */
function isNamed({ reach, named }: GuardInput): boolean {
  return reach.certain && reach.hosts.length > 0 && reach.hosts.every((host) => hostIn(named, host));
}

function byCommand(input: GuardInput): Decision {
  const { reach, level } = input;
  if (!globMatches("shell", input.tool)) return ask(input, "external", "calls a tool of an MCP server, whose effect is not known");
  const isInside = outsideOf(reach).length === 0;
  const isAtHome = isKnown(reach) && !reach.network && isInside;
  const minded = mindedOf(reach).length > 0;
  const check = isInside && !minded && isCheck(input);
  if (isAtHome && !minded && onlyReads(reach))
    return { decision: "allow", risk: 0, reasons: ["only reads in the agent's folder"], rule: "reads" };
  const assisted = level === "assisted" && !input.unsandboxed;
  const unfenced = input.unsandboxed ? ", and no sandbox works here (see: ao doctor)" : "";
  if (check) return ask(input, "checks", `${askRules.checks}${unfenced}`, assisted);
  if (isAtHome && !minded) return ask(input, "writes", `${askRules.writes}${unfenced}`, assisted);
  return minded ? ask(input, "secrets", "reads what may hold secrets") : ask(input, "shell", `${askRules.shell}${unfenced}`);
}

/**
 * The project's own checks as they stand in its files, in the folder that those are about: no other words, variables or
 * redirections around them, and nothing else in the line but what reads, such as a `| tail -20`.
 */
function isCheck({ reach, checks }: GuardInput): boolean {
  const own = reach.commands.filter(({ wrapper, effect }) => !wrapper && effect !== "reads");
  const isBare = reach.commands.every(({ beyond }) => beyond.length === 0) && reach.places.every(({ redirected }) => !redirected);
  return reach.certain && isBare && own.length > 0 && own.every(({ words, aside }) => !aside && checks.includes(words.join(" ")));
}

/** A command line that certainly does nothing but read, wherever that may be. */
export function onlyReads(reach: Reach): boolean {
  return (
    isKnown(reach) &&
    reach.commands.every(({ effect }) => effect === "reads") &&
    reach.places.every(({ use }) => use === "read" || use === "execute")
  );
}

/** What the project's own files say is run is no more than this by itself. */
const mostOfCheck = 30;

function ask(input: GuardInput, rule: string, reason: string, allowed = false): Decision {
  const accepted = input.yesTo.includes(rule);
  const decision = allowed || accepted || input.level === "bypass" ? "allow" : "ask";
  const { score, reasons } = riskOf(input);
  const risk = rule === "checks" ? Math.min(score, mostOfCheck) : score;
  return { decision, risk, reasons: [accepted ? `${reason} (accepted beforehand: ${rule})` : reason, ...reasons], rule };
}

function deny(risk: number, reason: string, rule: string): Decision {
  return { decision: "deny", risk, reasons: [reason], rule };
}
