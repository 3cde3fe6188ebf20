// Programs that change files: certainly nothing but those that they name, where the effect is `writes`.

import type { Program } from "../programs.ts";

const copying =
  "-f,--force -i,--interactive -n,--no-clobber -v,--verbose -u,--update?:text -b,--backup?:text -S,--suffix:text -T,--no-target-directory -t,--target-directory:into! --strip-trailing-slashes -p --preserve?:text --no-preserve:text -P,--no-dereference -L,--dereference -H -d -x --sparse:text --reflink?:text";

export const changers: Record<string, Program> = {
  mkdir: { effect: "writes", options: "-p,--parents -m,--mode:text -v,--verbose -Z", operands: "write*" },
  touch: {
    effect: "writes",
    options: "-a -c,--no-create -d,--date:text -m -r,--reference:read -t:text -h,--no-dereference --time:text",
    operands: "write*",
  },
  cp: {
    effect: "writes",
    special: "copy",
    options: `${copying} -r,-R,--recursive -a,--archive -l,--link -s,--symbolic-link`,
    operands: "read* into",
  },
  mv: { effect: "writes", special: "copy", options: copying, operands: "delete* into" },
  rm: {
    effect: "writes",
    options:
      "-f,--force -i -I -r,-R,--recursive -d,--dir -v,--verbose --one-file-system --preserve-root?:text --no-preserve-root! --interactive?:text",
    operands: "delete*",
  },
  rmdir: { effect: "writes", options: "-p,--parents! -v,--verbose --ignore-fail-on-non-empty", operands: "delete*" },
  unlink: { effect: "writes", operands: "delete*" },
  shred: { effect: "writes", options: "-f -n,--iterations:text -s,--size:text -u --remove?:text -v -x -z", operands: "delete*" },
  ln: {
    effect: "writes",
    special: "link",
    options: "-s,--symbolic -f,--force -n,--no-dereference -v,--verbose -r,--relative -T -b -i -L -P -t,--target-directory:into!",
    operands: "write* into",
  },
  link: { effect: "writes", operands: "write*" },
  tee: { effect: "writes", options: "-a,--append -i,--ignore-interrupts -p --output-error?:text", operands: "write*" },
  truncate: { effect: "writes", options: "-c,--no-create -o -s,--size:text -r,--reference:read", operands: "write*" },
  chmod: {
    effect: "writes",
    options: "-R,--recursive -v -c -f --reference:read",
    operands: "text write*",
    insteadWith: "--reference write*",
  },
  chown: { effect: "unknown", options: "-R,--recursive -v -c -f -h --reference:read --from:text", operands: "text write*" },
  chgrp: { effect: "unknown", options: "-R,--recursive -v -c -f -h --reference:read", operands: "text write*" },
  install: {
    effect: "writes",
    options:
      "-d,--directory -D -m,--mode:text -o,--owner:text! -g,--group:text! -v -C -p -t,--target-directory:into! -T -s,--strip! --strip-program:run! -b",
    operands: "read* into",
    insteadWith: "-d write*",
  },
  mktemp: { effect: "unknown" },
  dd: { effect: "writes", special: "dd" },
  mkfifo: { effect: "writes", options: "-m,--mode:text", operands: "write*" },
  patch: {
    effect: "unknown",
    options: "-o,--output:write! -d,--directory:folder! -i,--input:read -B,--prefix:text! -r,--reject-file:write! -D:text -F:text -p:text",
  },
  tar: {
    effect: "unknown",
    special: "tar",
    // An archive on another machine.
    minds: /^[\w.][\w.@-]*:/,
    options:
      "-f,--file:write -C,--directory:write --checkpoint-action:text! --checkpoint?:text --to-command:run! -I,--use-compress-program:run! --rsh-command:run! --rmt-command:run! -F,--info-script,--new-volume-script:run! -P,--absolute-names! --one-top-level?:write -T,--files-from:read -X,--exclude-from:read --transform,--xform:text --index-file:write! --volno-file:write! -g,--listed-incremental:write! --remove-files! --overwrite --exclude:text --strip-components:text -c -x -t -z -v -j -J -r -u",
  },
  zip: { effect: "unknown", options: "-T,--test -TT,--unzip-command:run! -b:write! -m,--move!" },
  unzip: { effect: "unknown", options: "-d:write -o -q -l -n -p -P:text" },
  gzip: { effect: "unknown" },
  gunzip: { effect: "unknown" },
  bzip2: { effect: "unknown" },
  xz: { effect: "unknown", options: "--files?:read!" },
  zstd: { effect: "unknown", options: "-o:write" },
  "7z": { effect: "unknown" },
  cpio: { effect: "unknown", options: "-F,--file:write! --rsh-command:run!" },
  rename: { effect: "unknown" },
  mkfs: { effect: "unknown" },
  mount: { effect: "unknown" },
  kill: { effect: "unknown" },
  pkill: { effect: "unknown" },
  killall: { effect: "unknown" },
  crontab: { effect: "unknown" },
  systemctl: { effect: "unknown" },
  launchctl: { effect: "unknown" },
};
