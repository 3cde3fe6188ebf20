// Programs that search, sort and rework text. Several of them can write or start others by an option.

import type { Program } from "../programs.ts";

const grep: Program = {
  effect: "reads",
  options:
    "-e,--regexp:text -f,--file:read -A,--after-context:text -B,--before-context:text -C,--context:text -m,--max-count:text --include:glob --exclude:text --exclude-dir:text --exclude-from:read -d,--directories:text -D,--devices:text --color,--colour?:text --label:text --binary-files:text --group-separator:text -r,--recursive -R,--dereference-recursive -i -v -n -l -L -c -o -q -s -w -x -H -h -E -F -G -P -a -z -Z -b -T -U -I -y -u -#",
  operands: "text read*",
  insteadWith: "-e,-f read*",
  follows: "-R",
  tame: true,
};

export const finders: Record<string, Program> = {
  grep: { ...grep, here: true },
  egrep: { ...grep, here: true },
  fgrep: { ...grep, here: true },
  rg: {
    effect: "reads",
    options:
      "-e,--regexp:text -f,--file:read -A,--after-context:text -B,--before-context:text -C,--context:text -m,--max-count:text -g,--glob:glob --iglob:glob -t,--type:text -T,--type-not:text --type-add:text --type-clear:text -d,--max-depth:text --maxdepth:text -M,--max-columns:text --max-columns-preview -r,--replace:text -j,--threads:text --sort:text --sortr:text --color:text --colors:text --context-separator:text --path-separator:text --engine:text --encoding,-E:text --ignore-file:read --max-filesize:text --regex-size-limit:text --dfa-size-limit:text --field-match-separator:text --field-context-separator:text --hyperlink-format:text -i,--ignore-case -S,--smart-case -s,--case-sensitive -v,--invert-match -n,--line-number -N,--no-line-number -l,--files-with-matches --files-without-match -c,--count --count-matches -o,--only-matching -q,--quiet -w,--word-regexp -x,--line-regexp -H,--with-filename -I,--no-filename -F,--fixed-strings -P,--pcre2 -a,--text -U,--multiline --multiline-dotall -u,--unrestricted -.,--hidden --no-ignore --no-ignore-vcs --no-ignore-parent --no-heading --heading --vimgrep --json --files --type-list --stats --trim -p,--pretty --column -b,--byte-offset -0,--null --no-messages --no-config --crlf --one-file-system --passthru --version -V --line-buffered -L,--follow --debug -z,--search-zip! --pre:run! --pre-glob:text! --hostname-bin:run!",
    operands: "text read*",
    insteadWith: "-e,-f,--files,--type-list read*",
    follows: "-L",
    here: true,
  },
  ag: {
    effect: "reads",
    options:
      "--pager:run! -G:text -A:text -B:text -C:text -m:text --ignore:text --ignore-dir:text --depth:text -p,--path-to-ignore:read -l -i -s -S -v -w -c -Q -n -r -R -f -u -U -t -a -z! --hidden --nocolor --nogroup --noheading --color --column --js --ts --python --go --rust --java --cpp --html --css --json --yaml",
    operands: "text read*",
    here: true,
  },
  find: { effect: "reads", special: "find" },
  fd: {
    effect: "reads",
    options:
      "-H,--hidden -I,--no-ignore -u,--unrestricted -s,--case-sensitive -i,--ignore-case -g,--glob -F,--fixed-strings -a,--absolute-path -l,--list-details! -L,--follow -p,--full-path -0,--print0 -d,--max-depth:text --min-depth:text --exact-depth:text -E,--exclude:text -t,--type:text -e,--extension:text -S,--size:text --changed-within:text --changed-before:text -c,--color:text -j,--threads:text -1 -q,--quiet --max-results:text --base-directory:folder --search-path:read --ignore-file:read --strip-cwd-prefix -x,--exec:run! -X,--exec-batch:run!",
    operands: "text read*",
    follows: "-L",
    here: true,
  },
  sort: {
    effect: "reads",
    options:
      "-b,--ignore-leading-blanks -d,--dictionary-order -f,--ignore-case -g,--general-numeric-sort -i,--ignore-nonprinting -M,--month-sort -h,--human-numeric-sort -n,--numeric-sort -R,--random-sort -r,--reverse -V,--version-sort --sort:text -c,--check?:text -C -k,--key:text -m,--merge -s,--stable -t,--field-separator:text -u,--unique -z,--zero-terminated --debug --parallel:text --batch-size:text -S,--buffer-size:text --files0-from:names --random-source:read -o,--output:write! -T,--temporary-directory:write! --compress-program:run!",
    operands: "read*",
  },
  uniq: {
    effect: "reads",
    options:
      "-c,--count -d,--repeated -D -f,--skip-fields:text -i,--ignore-case -s,--skip-chars:text -u,--unique -z,--zero-terminated -w,--check-chars:text --all-repeated?:text --group?:text",
    operands: "read write",
  },
  sed: { effect: "reads", special: "sed" },
  gsed: { effect: "reads", special: "sed" },
  awk: { effect: "reads", special: "awk" },
  gawk: { effect: "reads", special: "awk" },
  mawk: { effect: "reads", special: "awk" },
  nawk: { effect: "reads", special: "awk" },
  yq: {
    effect: "reads",
    options:
      "-r,--unwrapScalar -o,--output-format:text -p,--input-format:text -P,--prettyPrint -e,--exit-status -j,--tojson -C -M -N -n,--null-input -I,--indent:text -i,--inplace! -s,--split-exp:text! --split-exp-file:read! --from-file:read!",
    operands: "text read*",
    wary: /load|system|eval|import|include/i,
  },
  xxd: {
    effect: "reads",
    options: "-a -b -c:text -C -d -e -E -g:text -h -i -l:text -n:text -o:text -p -ps -r -R:text -s:text -u",
    operands: "read write",
    longDash: true,
  },
  split: { effect: "unknown" },
  csplit: { effect: "unknown" },
};
