// Whether a call may happen: hard floor > deny > ask > allow > default of the level. Rules are data and the decision is a
// pure function of the call, its reach (judged on real paths by a port) and the session's rules; every decision has a
// risk score and reasons in plain words. Owns no waiting and no asking: that is approvals.ts.

import type { Level, Permission } from "../protocol/agents.ts";
import { unreachable } from "../protocol/result.ts";
import type { Reach, ToolAccess } from "./ports.ts";
import { mindedOf, outsideOf } from "./reach.ts";
import { globMatches } from "./routing.ts";

export type Decision = {
  decision: "allow" | "ask" | "deny";
  risk: number;
  reasons: string[];
  rule: string | null;
  /** The rule is the blueprint's own: no standing grant goes past it. */
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
  /** The rules of the agent's own blueprint. */
  permissions: Permission[];
  /** The paths that the call names. */
  paths: string[];
};

/** The levels' defaults as named rules, so that `--yes-to NAME` can accept one beforehand. */
export const askRules = {
  writes: "changes files in the agent's own worktree",
  checks: "runs the project's own checks",
  shell: "runs a shell command",
} as const;

export function decide(input: GuardInput): Decision {
  return floor(input) ?? ownRule(input, "deny") ?? ownRule(input, "ask") ?? byEffect(input);
}

/** What the agent's own blueprint forbids or wants asked. */
function ownRule(input: GuardInput, effect: "deny" | "ask"): Decision | undefined {
  const rule = input.permissions.find((one) => one.effect === effect && appliesTo(one, input));
  if (!rule) return undefined;
  const reason = rule.reason ?? `its blueprint says ${effect}: ${rule.id ?? rule.tool}`;
  return effect === "deny"
    ? deny(50, reason, rule.id ?? "blueprint")
    : { ...ask({ ...input, level: "default" }, rule.id ?? "blueprint", 50, reason), fixed: true };
}

function appliesTo(rule: Permission, { tool, reach, paths }: GuardInput): boolean {
  if (!globMatches(rule.tool, tool)) return false;
  if (rule.path) return paths.some((path) => rule.path!.some((glob) => globMatches(glob.replaceAll("**", "*"), path)));
  // Commands that could not be read might be the ones that are meant.
  if (rule.command)
    return !reach.certain || reach.commands.some(({ words }) => rule.command!.some((pattern) => globMatches(pattern, words.join(" "))));
  return true;
}

/** Refused at every level, bypass included. */
function floor({ tool, access, reach, writable }: GuardInput): Decision | undefined {
  const changes = access.effect === "write" || access.effect === "execute";
  if (changes && !writable) return deny(60, `${tool} changes things, and this task may only read`, "floor-read-only");
  const [outside, minded] = [outsideOf(reach), mindedOf(reach)];
  if (access.effect !== "execute" && outside.length > 0)
    return deny(80, `reaches outside the agent's folder: ${outside.join(", ")}`, "floor-outside");
  if (access.effect === "write" && minded.length > 0) return deny(90, `touches a protected place: ${minded.join(", ")}`, "floor-protected");
  const destroys =
    access.effect === "execute" && destroyer.exec(reach.text ?? reach.commands.map(({ words }) => words.join(" ")).join("; "));
  return destroys ? deny(100, `"${destroys[0].trim()}" destroys what cannot be restored`, "floor-destructive") : undefined;
}

/**
 * Seen anywhere in a command, whatever stands around it: removing the root, a home or a folder of the system, making a
 * file system, writing over a device. A safety net for accidents, not a fence against cunning: that is a sandbox's work.
 */
const destroyer = new RegExp(
  [
    String.raw`\brm\s+(-{1,2}[\w-]+\s+)*(["']?(/|~|\$HOME|\$\{HOME\})["']?/?\*?|/(home|root|etc|usr|var|bin|sbin|lib\w*|opt|boot|dev|Users|System|Library)/?\*?)(?=\s|;|&|\||$)`,
    String.raw`\bmkfs(\.\w+)?\s`,
    String.raw`\bdd\s[^;|&]*\bof=/dev/`,
  ].join("|"),
);

function byEffect(input: GuardInput): Decision {
  const { effect } = input.access;
  switch (effect) {
    case "control":
      return { decision: "allow", risk: 0, reasons: ["part of the team's own flow"], rule: null };
    case "read":
      return mindedOf(input.reach).length > 0
        ? ask(input, "secrets", 60, `reads a protected place: ${mindedOf(input.reach).join(", ")}`)
        : { decision: "allow", risk: 0, reasons: ["only reads in the agent's folder"], rule: "reads" };
    case "write":
      return ask(input, "writes", 10, askRules.writes, input.level === "assisted");
    case "execute":
      return byCommand(input);
    default:
      return unreachable(effect);
  }
}

function byCommand(input: GuardInput): Decision {
  if (!globMatches("shell", input.tool)) return ask(input, "external", 60, "calls a tool of an MCP server, whose effect is not known");
  const [only, ...more] = input.reach.commands;
  const isCheck = input.reach.certain && only !== undefined && more.length === 0 && input.checks.includes(only.words.join(" "));
  if (isCheck) return ask(input, "checks", 30, askRules.checks, input.level === "assisted");
  const risk = input.reach.network ? 70 : 50;
  return ask(input, "shell", risk, input.reach.network ? `${askRules.shell} that uses the network` : askRules.shell);
}

function ask({ level, yesTo }: GuardInput, rule: string, risk: number, reason: string, allowed = false): Decision {
  const accepted = yesTo.includes(rule);
  const decision = allowed || accepted || level === "bypass" ? "allow" : "ask";
  return { decision, risk, reasons: [accepted ? `${reason} (accepted beforehand: ${rule})` : reason], rule };
}

function deny(risk: number, reason: string, rule: string): Decision {
  return { decision: "deny", risk, reasons: [reason], rule };
}
