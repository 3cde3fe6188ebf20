// From one command to commands like it: the rule that would spare a person the next questions, with what else it would
// allow. Proposed only where the further words of a program are its own affair; never for programs that run, delete,
// connect or raise rights by whatever words follow.

import type { Coverage } from "../protocol/events.ts";
import type { SessionState } from "../protocol/state.ts";
import { commandMatcher } from "./patterns.ts";
import type { Reach } from "./ports.ts";
import { mindedOf, outsideOf } from "./reach.ts";
import { compileRule, coveredBy } from "./rules.ts";

/** Programs with commands of their own: their first word says what is done. */
const withVerbs = new Set("cargo go dotnet gradle mvn make just task git uv poetry deno npm pnpm yarn bun".split(" "));
const running = new Set(["run", "run-script", "exec"]);

/** Programs of one purpose: whatever words follow, they do nothing else. */
const single = new Set(
  "tsc eslint oxlint oxfmt prettier jest vitest mocha pytest mypy black flake8 pylint pyright isort gcc g++ cc clang rustc javac clang-format clang-tidy gofmt staticcheck shellcheck stylelint markdownlint".split(
    " ",
  ),
);

/** How many of its words say what a program does; where it is not known, plain words at its beginning could be verbs. */
function countOf(program: string, args: string[]): number {
  if (withVerbs.has(program)) return running.has(args[0] ?? "") ? 2 : 1;
  if (single.has(program)) return 0;
  const end = args.findIndex((word) => !/^[a-z][a-z-]*$/.test(word));
  return Math.min(2, end < 0 ? args.length : end);
}

/** Whatever follows these is run, fetched, deleted or done with other rights. */
const open = new Set(
  "sh bash zsh dash fish ksh env xargs eval exec sudo doas su ssh scp sftp rsync curl wget nc ncat socat telnet rm rmdir shred dd mkfs chmod chown kill pkill killall python python3 perl ruby php lua node deno bun npx bunx uvx pipx awk docker podman kubectl crontab at systemctl mount tsx ts-node julia groovy scala osascript pwsh powershell expect tclsh elixir erl jshell gdb lldb vim vi nvim emacs ed ex less man screen tmux script sqlite3 psql mysql redis-cli mongosh nix nix-shell direnv entr nodemon ansible vagrant tar find sed ao".split(
    " ",
  ),
);

/** Of these, the programs that run a file of the project by its name. */
const interpreters = new Set(
  "sh bash zsh dash fish ksh python python3 perl ruby php lua node deno bun tsx ts-node julia groovy".split(" "),
);

/** Verbs that fetch, publish or run whatever is named after them. */
const openVerbs = new Set(
  "delete destroy apply deploy api install i add ci update upgrade publish unpublish dlx create init exec x link login logout get push pull fetch clone submodule config remote rebase clean reset checkout tool pip".split(
    " ",
  ),
);

/** How long a rule of this kind holds unless somebody says otherwise. */
export const patternDays = 90;

export function patternFor(tool: string, reach: Reach): Extract<Coverage, { kind: "pattern" }> | undefined {
  const own = reach.commands.filter(({ wrapper, effect }) => !wrapper && effect !== "reads");
  const [only] = own;
  if (!only || own.length > 1 || !isPlain(reach)) return undefined;
  const [program = "", ...args] = only.words;
  const script = interpreters.has(program) && args[0] !== undefined && /^[\w./-]+\.\w+$/.test(args[0]) && !args[0].startsWith("-");
  if (open.has(program) ? !script : !/^[\w.-]+$/.test(program)) return undefined;
  const count = script ? 1 : countOf(program, args);
  const told = args.slice(0, count);
  if (!script && told.some((word, i) => openVerbs.has(word) && (i === 0 || !running.has(told[0]!)))) return undefined;
  if (told.length < count || told.some((word) => !/^[\w:@./-]+$/.test(word) || word.startsWith("-"))) return undefined;
  return { kind: "pattern", tool, rule: "shell", pattern: [program, ...told, "*"].join(" "), network: reach.network };
}

function isPlain(reach: Reach): boolean {
  const calm = reach.commands.every(({ beyond }) => beyond.length === 0) && reach.places.every(({ redirected }) => !redirected);
  return reach.certain && calm && outsideOf(reach).length === 0 && mindedOf(reach).length === 0;
}

export function patternCovers(coverage: Extract<Coverage, { kind: "pattern" }>, tool: string, reach: Reach): boolean {
  if (tool !== coverage.tool || !isPlain(reach) || (reach.network && !coverage.network)) return false;
  const rule = compileRule({ effect: "allow", tool, command: [coverage.pattern] });
  return coveredBy([rule], { tool, reach, paths: [] }) !== undefined;
}

/** Earlier questions of this session that such a rule would have spared, by their first words. */
export function wouldHaveCovered({ approvals }: Pick<SessionState, "approvals">, pattern: string): string[] {
  const matches = commandMatcher(pattern, "exact");
  const asked = Object.values(approvals).map(({ arguments: args }) => (args as { command?: unknown } | null)?.command);
  const plain = asked.filter((command) => typeof command === "string" && !/[;&|<>$`()\n]/.test(command)) as string[];
  return [...new Set(plain)].filter((command) => matches(command.trim().split(/\s+/)));
}
