// Programs that start another one, which their own words name, and shells, which read their argument as a script.

import type { Program } from "../programs.ts";

const opens = (options = "", skipped = 0): Program => ({ effect: "reads", options, opens: skipped });

/** What it starts may do more, or other things, than its own words say. */
const raising = (options: string, skipped = 0): Program => ({ effect: "unknown", options, opens: skipped, raises: true });

const shell: Program = { effect: "unknown", special: "shell" };

export const openers: Record<string, Program> = {
  env: { effect: "reads", special: "env" },
  xargs: { effect: "reads", special: "xargs" },
  timeout: opens("-s,--signal:text -k,--kill-after:text --preserve-status --foreground -v,--verbose", 1),
  gtimeout: opens("-s,--signal:text -k,--kill-after:text --preserve-status --foreground -v", 1),
  nice: opens("-n,--adjustment:text -#"),
  nohup: opens(),
  stdbuf: opens("-i,--input:text -o,--output:text -e,--error:text"),
  setsid: opens("-c,--ctty -f,--fork -w,--wait"),
  ionice: opens("-c,--class:text -n,--classdata:text -t"),
  chrt: opens("-b -f -i -o -r -R -T:text -P:text -D:text -v", 1),
  taskset: opens("-c,--cpu-list -a", 1),
  time: opens("-p -v -a -f,--format:text -o,--output:write!"),
  unbuffer: opens("-p"),
  setarch: raising("-R -v", 1),
  chroot: raising("--userspec:text --groups:text --skip-chdir", 1),
  nsenter: raising("-t,--target:text -a -m -u -i -n -p -U -r -w"),
  pkexec: raising("--user:text"),
  bwrap: { effect: "unknown" },
  chronic: opens("-v -e"),
  ts: { effect: "reads", operands: "text*", tame: true },
  sudo: raising(
    "-u,--user:text! -g,--group:text! -E! -H! -n! -S! -k! -i! -s! -b! -D,--chdir:folder! -A! -C:text! -h:text! -p:text! -r:text! -t:text! -P!",
  ),
  doas: raising("-u:text! -n! -s! -C:read!"),
  unshare: raising("-r -n -m -p -f -u -i -U --fork --mount --net --pid --map-root-user -R,--root:folder! -w,--wd:folder! -S:text -G:text"),
  strace: raising("-f -ff -e:text -o,--output:write! -p:text! -s:text -c -C -t -tt -T -v -y -q -P:text -E:text! -u:text!"),
  ltrace: raising("-f -e:text -o,--output:write! -p:text! -s:text -c -S"),
  gdb: { effect: "unknown", options: "-x,--command:read! -ex:text! --args!", longDash: true },
  watch: { effect: "reads", options: "-n,--interval:text -d,--differences?:text -t -b -e -g -c -x,--exec -p -w", special: "joined" },
  su: { effect: "unknown", raises: true, options: "-c,--command:shell! -s,--shell:run! -l,--login! -m -p -g:text -" },
  runuser: { effect: "unknown", raises: true, options: "-c,--command:shell! -s,--shell:run! -l,--login! -u:text! -" },
  busybox: opens(),
  toybox: opens(),
  caffeinate: opens("-d -i -m -s -u -t:text -w:text"),
  flock: {
    effect: "unknown",
    options: "-c,--command:shell! -x,--exclusive -s,--shared -n,--nonblock -w,--timeout:text -u,--unlock -o,--close -F,--no-fork -E:text",
    opens: 1,
  },
  parallel: {
    effect: "unknown",
    options: "--joblog:write! --results:write! -S,--sshlogin:host! -j,--jobs:text -k -n:text -I:text -0 -a:read --dry-run",
    special: "joined",
  },
  entr: { effect: "unknown" },
  sh: shell,
  bash: shell,
  dash: shell,
  zsh: { effect: "unknown", options: "-c:shell!" },
  ksh: { effect: "unknown", options: "-c:shell!" },
  mksh: { effect: "unknown", options: "-c:shell!" },
  ash: shell,
  rbash: shell,
  fish: { effect: "unknown", options: "-c,--command:shell! -C,--init-command:shell!" },
  csh: { effect: "unknown", options: "-c:shell!" },
  tcsh: { effect: "unknown", options: "-c:shell!" },
  vim: { effect: "unknown", options: "-c:text! -S:read! -u:read! -s:read! --cmd:text!" },
  vi: { effect: "unknown", options: "-c:text! -S:read! -u:read! --cmd:text!" },
  nvim: { effect: "unknown", options: "-c:text! -S:read! -u:read! --cmd:text! -l:read!" },
  emacs: { effect: "unknown", options: "--eval,--execute:text! -l,--load:read! --script:read!" },
  ed: { effect: "unknown" },
  ex: { effect: "unknown", options: "-c:text! -S:read!" },
  nano: { effect: "unknown" },
  code: { effect: "unknown", options: "--install-extension:text! --extensionDevelopmentPath:read! --user-data-dir:read!" },
  open: { effect: "unknown" },
  "xdg-open": { effect: "unknown" },
};
