// What git's commands do. Reading ones only read where the repository's own configuration starts nothing (gitCommand.ts).

import type { Program } from "../programs.ts";

const diffing =
  "-p,-u,--patch -s,--no-patch -U,--unified:text --raw --patch-with-raw --stat?:text --numstat --shortstat --dirstat?:text --summary --name-only --name-status --color?:text --no-color --color-moved?:text --word-diff?:text --word-diff-regex:text --color-words?:text --no-renames -M,--find-renames?:text -C,--find-copies?:text --find-copies-harder -D,--irreversible-delete -l:text --diff-filter:text -S:text -G:text --pickaxe-all --pickaxe-regex -O:read --relative?:text -a,--text -R -b,--ignore-space-change -w,--ignore-all-space --ignore-blank-lines --ignore-space-at-eol --ignore-cr-at-eol -W,--function-context --exit-code --quiet -q --no-ext-diff --no-textconv --ignore-submodules?:text --src-prefix:text --dst-prefix:text --no-prefix --abbrev?:text --full-index --binary -z --patience --minimal --histogram --diff-algorithm:text --inter-hunk-context:text --check --cached --staged --merge-base -c --cc -t --submodule?:text! --ext-diff! --textconv! --output:write! --output-indicator-new:text -1 -2 -3 --base --ours --theirs";
const walking =
  "-#,-n,--max-count:text --skip:text --since,--after:text --until,--before:text --author:text --committer:text --grep:text --all-match --invert-grep -i,--regexp-ignore-case -E,--extended-regexp -F,--fixed-strings -P,--perl-regexp --merges --no-merges --first-parent --all --branches?:text --tags?:text --remotes?:text --exclude:text --reflog --glob:text -g,--walk-reflogs --cherry-pick --left-right --left-only --right-only --boundary --simplify-by-decoration --full-history --topo-order --date-order --author-date-order --reverse --oneline --pretty?:text --format:text --abbrev-commit --no-abbrev-commit --date:text --relative-date --parents --children --graph --show-linear-break --decorate?:text --no-decorate --decorate-refs:text --source --follow -L:rev --log-size --notes?:text --no-notes --encoding:text --count --show-signature! --clear-decorations --no-expand-tabs --mailmap -m";

const reads = (options: string, operands = "rev*"): Program => ({ effect: "reads", options, operands });
/** Asking lists; with a name it makes or removes something. */
const listing = (options: string, beyond = ""): Program => ({
  effect: "reads",
  options: `${options} ${beyond}`,
  operands: "set*",
  insteadWith: "-l,--list,--contains,--no-contains,--merged,--no-merged,--points-at text*",
});

const other = (options = ""): Program => ({ effect: "unknown", options });
const online = (options: string): Program => ({
  effect: "unknown",
  network: true,
  options: `${options} --upload-pack,-u:run! --receive-pack,--exec:run! -o,--server-option:text! -c,--config:text!`,
});

/** Options before the command. */
export const gitOptions =
  "-C:folder -c:text! --config-env:text! --exec-path?:run! --git-dir:read! --work-tree:read! --namespace:text! --super-prefix:text! --bare! -p,--paginate! -P,--no-pager --no-replace-objects --no-lazy-fetch --no-optional-locks --literal-pathspecs --glob-pathspecs --noglob-pathspecs --icase-pathspecs --attr-source:text! -h,--help! --html-path --man-path --info-path --list-cmds:text";

export const gitCommands: Record<string, Program> = {
  status: reads(
    "-s,--short -b,--branch --show-stash --porcelain?:text --long -u,--untracked-files?:text --ignored?:text -z --column?:text --no-column --ahead-behind --no-ahead-behind --renames --no-renames --find-renames?:text --ignore-submodules?:text -v,--verbose",
  ),
  diff: reads(`${diffing} --no-index`),
  log: reads(`${walking} ${diffing}`),
  show: reads(`${walking} ${diffing}`),
  whatchanged: reads(`${walking} ${diffing}`),
  "diff-tree": reads(`${diffing} -r --root --no-commit-id --stdin --pretty?:text --format:text`),
  "diff-index": reads(diffing),
  "diff-files": reads(diffing),
  shortlog: reads(`${walking} -s,--summary -n,--numbered -e,--email -c --group:text`),
  blame: reads(
    "-L:rev -l -t -w -M?:text -C?:text -s -e,--show-email -p,--porcelain --line-porcelain --incremental -b --root --since:text --date:text -f,--show-name -n,--show-number --color-lines --color-by-age --abbrev:text --ignore-rev:text --ignore-revs-file:read --show-stats --first-parent --reverse --encoding:text",
  ),
  annotate: reads("-L:rev"),
  "ls-files": reads(
    "-c,--cached -d,--deleted -m,--modified -o,--others -i,--ignored -s,--stage -u,--unmerged -k,--killed -t -v -f -z --eol --deduplicate --directory --no-empty-directory --full-name --error-unmatch --abbrev?:text --exclude-standard -x,--exclude:text -X,--exclude-from:read --exclude-per-directory:text --format:text --recurse-submodules! --with-tree:text --sparse --debug",
  ),
  "ls-tree": reads("-d -r -t -l,--long -z --name-only --name-status --object-only --full-name --full-tree --abbrev?:text --format:text"),
  "rev-parse": reads(
    "--verify -q,--quiet --short?:text --abbrev-ref?:text --symbolic --symbolic-full-name --all --branches?:text --tags?:text --remotes?:text --show-toplevel --show-prefix --show-cdup --git-dir --absolute-git-dir --git-common-dir --is-inside-work-tree --is-inside-git-dir --is-bare-repository --is-shallow-repository --show-superproject-working-tree --show-ref-format?:text --show-object-format?:text --git-path:text --path-format:text --default:text --prefix:text --revs-only --no-revs --flags --no-flags --not --since:text --until:text --disambiguate:text --local-env-vars --resolve-git-dir:read",
  ),
  "rev-list": reads(
    `${walking} --objects --objects-edge --disk-usage --bisect --bisect-vars --stdin --quiet --no-object-names --filter:text`,
  ),
  describe: reads(
    "--all --tags --contains --abbrev:text --candidates:text --exact-match --debug --long --match:text --exclude:text --always --first-parent --dirty?:text --broken?:text",
  ),
  "merge-base": reads("-a,--all --octopus --independent --is-ancestor --fork-point"),
  "name-rev": reads("--tags --refs:text --exclude:text --all --name-only --no-undefined --always --annotate-stdin"),
  "show-ref": reads("--head -d,--dereference -s,--hash?:text --verify --abbrev?:text -q,--quiet --tags --heads --branches --exists"),
  "for-each-ref": reads(
    "--count:text --format:text --sort:text --points-at:text --merged?:text --no-merged?:text --contains?:text --no-contains?:text --color?:text -p! --shell --perl --python --tcl --ignore-case --omit-empty --exclude:text",
    "text*",
  ),
  "cat-file": reads(
    "-t -s -e -p --batch?:text --batch-check?:text --batch-all-objects --buffer --unordered --allow-unknown-type -z -Z --follow-symlinks --use-mailmap --textconv! --filters! --path:text!",
  ),
  "count-objects": reads("-v,--verbose -H,--human-readable"),
  "check-ignore": reads("-q,--quiet -v,--verbose --stdin -z -n,--non-matching --no-index"),
  "check-attr": reads("-a,--all --cached --stdin -z --source:text"),
  "check-ref-format": reads("--branch --allow-onelevel --normalize", "text*"),
  cherry: reads("-v --abbrev?:text"),
  "range-diff": reads(`${diffing} --creation-factor:text --no-dual-color --left-only --right-only`),
  grep: reads(
    "-e:text -f:read -i,--ignore-case -w,--word-regexp -v,--invert-match -h -H --full-name -E,--extended-regexp -G,--basic-regexp -P,--perl-regexp -F,--fixed-strings -n,--line-number --column -l,--files-with-matches,--name-only -L,--files-without-match -z,--null -o,--only-matching -c,--count --color?:text --no-color --break --heading -p,--show-function -A,--after-context:text -B,--before-context:text -C,--context:text -W,--function-context -m,--max-count:text --threads:text --and --or --not --all-match -q,--quiet --cached --untracked --no-index --exclude-standard --no-exclude-standard -a,--text -I -r,--recursive --no-recursive --max-depth:text --recurse-submodules! --textconv! -O,--open-files-in-pager?:run! --ext-grep!",
  ),
  branch: listing(
    "-a,--all -r,--remotes -v,--verbose -vv -l,--list --show-current --contains?:text --no-contains?:text --merged?:text --no-merged?:text --points-at:text --sort:text --format:text --color?:text --no-color --column?:text --no-column --abbrev?:text --no-abbrev -q -i,--ignore-case --omit-empty",
    "-d,-D,--delete! -m,-M,--move! -c,-C,--copy! -f,--force! -u,--set-upstream-to:text! --unset-upstream! -t,--track?:text! --edit-description! --create-reflog!",
  ),
  tag: listing(
    "-l,--list -n?:text --contains?:text --no-contains?:text --merged?:text --no-merged?:text --points-at:text --sort:text --format:text --color?:text --column?:text -i,--ignore-case",
    "-a,--annotate! -s,--sign! -f,--force! -d,--delete! -v,--verify! -m:text! -F:read! -u,--local-user:text!",
  ),
  remote: {
    effect: "reads",
    options: "-v,--verbose",
    subcommands: {
      "get-url": reads("--all --push", "text*"),
      update: online(""),
      show: online(""),
      prune: online(""),
      add: { ...other("-f!"), operands: "set*" },
      "set-url": { ...other("--add! --delete! --push!"), operands: "set*" },
    },
  },
  stash: {
    effect: "unknown",
    subcommands: { list: reads(`${walking} ${diffing}`), show: reads(`${diffing} --include-untracked --only-untracked`) },
  },
  reflog: { effect: "reads", subcommands: { show: reads(`${walking} ${diffing}`), exists: reads("", "text*") } },
  worktree: { effect: "unknown", subcommands: { list: reads("-v,--verbose --porcelain -z") } },
  notes: { effect: "unknown", subcommands: { list: reads(""), show: reads("") } },
  config: {
    effect: "unknown",
    options:
      "--get:text --get-all:text --get-regexp:text -l,--list --show-origin --show-scope --global --local --system --worktree --name-only -z,--null --type:text --bool --int --path --includes --no-includes --default:text -f,--file:read! --blob:text! --add! --unset! --unset-all! --replace-all! --rename-section! --remove-section! -e,--edit!",
    subcommands: {
      get: reads("--all --regexp --show-origin --show-scope --global --local --system --type:text --default:text", "text*"),
      list: reads("--show-origin --show-scope --global --local --system --name-only -z"),
    },
  },
  "symbolic-ref": reads("-q,--quiet --short --recurse -d,--delete! -m:text!", "text set*"),
  var: reads("-l", "text*"),
  version: reads("--build-options", "text*"),
  fetch: online(
    "-a,--all --depth:text --prune -p -t,--tags -f,--force -j,--jobs:text -v -q --recurse-submodules?:text --multiple --dry-run",
  ),
  pull: online("-r,--rebase?:text --ff-only --no-rebase -s,--strategy:text! -X:text --depth:text -v -q"),
  push: online(
    "-f,--force --force-with-lease?:text --tags --all --mirror --delete -d --set-upstream --repo:host -n,--dry-run -v -q --no-verify",
  ),
  clone: online(
    "--template:read! --separate-git-dir:write! -b,--branch:text --depth:text --recursive,--recurse-submodules?:text! --reference:read! -l,--local -q -v -n --bare --mirror",
  ),
  "ls-remote": online("-h,--heads -t,--tags --refs -q --exit-code --get-url --sort:text --symref"),
  submodule: {
    effect: "unknown",
    network: true,
    options: "--quiet -q --cached",
    subcommands: {
      foreach: { effect: "unknown", options: "--recursive -q", operands: "shell*" },
      "*": { effect: "unknown", network: true },
    },
  },
  bisect: { effect: "unknown", subcommands: { run: { effect: "reads", opens: 0 }, "*": other() } },
  rebase: other("-x,--exec:shell! -s,--strategy:text! -i,--interactive! --onto:text"),
  archive: { ...other("-o,--output:write! --exec:run! --remote:host!") },
  "format-patch": other("-o,--output-directory:write! --output:write! --attach! --ext-diff! --textconv! --stdout"),
  difftool: other("-x,--extcmd:shell! -t,--tool:text! -d,--dir-diff"),
  mergetool: other("-t,--tool:text!"),
  "filter-branch": other(
    "--tree-filter,--index-filter,--msg-filter,--env-filter,--parent-filter,--commit-filter,--tag-name-filter,--setup:shell! -f",
  ),
  init: other("--template:read! --separate-git-dir:write! -b:text --bare --shared?:text"),
  apply: other("--unsafe-paths! --directory:write! -p:text"),
  am: other(""),
  commit: other("-t,--template:read! -F,--file:read! -m,--message:text -a,--all -n,--no-verify"),
  merge: other("-s,--strategy:text! -m:text"),
  add: other("-e,--edit! -i,--interactive! -p,--patch! --pathspec-from-file:read!"),
  checkout: other("-b,-B:text"),
  hook: { effect: "unknown", options: "", subcommands: { "*": other("--to-stdin:read!") } },
  "send-email": online("--sendmail-cmd,--to-cmd,--cc-cmd,--header-cmd:shell! --smtp-server:run!"),
  daemon: online(""),
  instaweb: online("--httpd:run! -b,--browser:run!"),
  "update-index": other("--fsmonitor! --cacheinfo:text!"),
  bundle: other("--ref-format:text"),
  "fast-import": other("--export-marks:write! --import-marks:read! --cat-blob-fd:text!"),
};
