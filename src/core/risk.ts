// How much an action could harm, 0 to 100, with the reasons in plain words: a table of what it reaches and of where its
// words came from. Owns no decision: a high risk asks nobody by itself.

import { commandMatcher, pathMatcher } from "./patterns.ts";
import type { Reach, ToolAccess } from "./ports.ts";
import { mindedOf, outsideOf } from "./reach.ts";
import type { RuledCall } from "./rules.ts";

export type Risk = { score: number; reasons: string[] };

type Judged = RuledCall & { access: ToolAccess; tainted?: string };
type Factor = { points: number; says: (call: Judged) => string | false | undefined };

const base: Record<ToolAccess["effect"], number> = { control: 0, read: 0, write: 10, execute: 40 };

const factors: Factor[] = [
  { points: 15, says: ({ reach, access }) => access.effect === "execute" && !reach.certain && sayDoubts(reach) },
  { points: 20, says: ({ reach }) => list("changes what lies outside the agent's folder", changedOutside(reach)) },
  { points: 10, says: ({ reach }) => list("reads outside the agent's folder", readOutside(reach)) },
  { points: 35, says: ({ reach }) => list("touches a protected place", mindedOf(reach)) },
  { points: 20, says: ({ reach }) => reach.network && `uses the network${reach.hosts.length > 0 ? ` (${shown(reach.hosts)})` : ""}` },
  { points: 25, says: ({ reach }) => commandIn(reach, publishing, "makes something public or changes what others see") },
  { points: 25, says: ({ reach }) => commandIn(reach, irreversible, "cannot be undone") },
  { points: 15, says: ({ reach }) => list("changes what is run later", runsLater(reach)) },
  {
    points: 10,
    says: ({ reach }) =>
      list(
        "more than that program commonly does",
        reach.commands.flatMap(({ beyond }) => beyond),
      ),
  },
  { points: 20, says: ({ tainted }) => tainted },
];

export function riskOf(call: Judged): Risk {
  let score = base[call.access.effect];
  if (call.access.effect === "execute" && isKnown(call.reach)) score = call.reach.places.some(({ use }) => use !== "read") ? 10 : 0;
  const reasons: string[] = [];
  for (const { points, says } of factors) {
    const reason = says(call);
    if (!reason) continue;
    score += points;
    reasons.push(reason);
  }
  return { score: Math.min(100, score), reasons };
}

/** Nothing is left of a command line that a program might do besides what is listed. */
export function isKnown({ certain, commands }: Reach): boolean {
  return certain && commands.length > 0 && commands.every(({ effect, beyond }) => effect !== "unknown" && beyond.length === 0);
}

const publishing = [
  "git push *",
  "npm publish *",
  "pnpm publish *",
  "yarn publish *",
  "cargo publish *",
  "gem push *",
  "twine upload *",
  "docker push *",
  "podman push *",
  ...["create", "merge", "close", "reopen", "comment", "edit", "review", "ready", "lock", "delete"].flatMap((verb) =>
    ["pr", "issue", "release", "repo"].map((noun) => `gh ${noun} ${verb} *`),
  ),
  "gh api *",
  "kubectl apply *",
  "kubectl delete *",
  "terraform apply *",
  "vercel *",
  "netlify deploy *",
].map((pattern) => commandMatcher(pattern, "broad"));

const irreversible = [
  "git push -f *",
  "git push --force *",
  "git push --force-with-lease *",
  "git clean *",
  "git reset --hard *",
  "git checkout -- *",
  "git stash drop *",
  "git branch -D *",
  "git filter-branch *",
  "rm *",
  "rmdir *",
  "shred *",
  "truncate *",
  "dd *",
  "terraform destroy *",
  "dropdb *",
  "kill *",
  "pkill *",
  "crontab -r *",
].map((pattern) => commandMatcher(pattern, "broad"));

const later = [
  "package.json",
  "Makefile",
  "*.mk",
  "Dockerfile*",
  "docker-compose*.y*ml",
  "conftest.py",
  "setup.py",
  "build.rs",
  "*.gradle*",
  "pom.xml",
  "Rakefile",
  "justfile",
  "Taskfile.y*ml",
  "*.config.{js,cjs,mjs,ts,mts}",
].map((glob) => pathMatcher(glob, "broad"));

function commandIn({ commands }: Reach, patterns: ((words: string[]) => boolean)[], says: string): string | undefined {
  const found = commands.find(({ words }) => patterns.some((matches) => matches(words)));
  return found && `${says} (${found.words.slice(0, 3).join(" ")})`;
}

function runsLater({ places }: Reach): string[] {
  const changed = places.filter(({ use }) => use === "write" || use === "delete");
  return changed.flatMap(({ real, relative }) =>
    later.some((matches) => matches({ relative: relative === undefined ? [] : [relative], absolute: [real] })) ? [relative ?? real] : [],
  );
}

function changedOutside(reach: Reach): string[] {
  return outsideOf({ ...reach, places: reach.places.filter(({ use }) => use === "write" || use === "delete") });
}

function readOutside(reach: Reach): string[] {
  return outsideOf({ ...reach, places: reach.places.filter(({ use }) => use === "read" || use === "execute") });
}

function sayDoubts({ doubts }: Reach): string {
  return doubts.length > 0 ? `could not be read with certainty: ${shown(doubts)}` : "what it does is not known";
}

function list(says: string, items: string[]): string | undefined {
  return items.length > 0 ? `${says}: ${shown(items)}` : undefined;
}

function shown(items: string[]): string {
  const some = [...new Set(items)];
  return some.length > 3 ? `${some.slice(0, 3).join(", ")} and ${some.length - 3} more` : some.join(", ");
}
