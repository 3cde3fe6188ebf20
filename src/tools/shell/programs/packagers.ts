// Package managers: what they run is the project's or a stranger's code, so that nothing but asking for a version only
// reads. Their tables say which arguments lead elsewhere than a person has in mind.

import type { Program } from "../programs.ts";

const open: Program = { effect: "unknown" };
const online: Program = { effect: "unknown", network: true };

const npmBeyond =
  "--script-shell:run! --prefix,-C:folder! --node-options:text! --userconfig:read! --globalconfig:read! --init-module:run! --git:run! --shell:run! --viewer:run! --editor:run! --registry:host! -g,--global! --location:text! --cache:write! --call,-c:shell!";

function verbs(names: string, program: Program): Record<string, Program> {
  return Object.fromEntries(names.split(" ").map((name) => [name, program]));
}

const installing =
  "install i ci add update up upgrade publish view info show v exec x dlx audit outdated login logout whoami search init create remove rm uninstall link deprecate dist-tag owner ping profile star team token unpublish access fund doctor rebuild";

const manager = (options: string, more: Record<string, Program> = {}): Program => ({
  effect: "unknown",
  versions: "--version -v",
  options: `-s,--silent --quiet -q -w,--workspace:text -r,--recursive --filter,-F:text -D -E -S ${options}`,
  subcommands: {
    "*": { effect: "unknown", options },
    ...verbs(installing, { effect: "unknown", options, network: true }),
    config: { effect: "unknown", options, minds: /^(set|delete|edit|fix)$/ },
    ...more,
  },
});

export const packagers: Record<string, Program> = {
  npm: manager(npmBeyond),
  pnpm: manager(`${npmBeyond} --dir:folder! --config:text!`),
  yarn: manager(`${npmBeyond} --cwd:folder! --use-yarnrc:read! --modules-folder:write!`, { "": online }),
  bun: manager(`${npmBeyond} --cwd:folder! --preload:run! -e,--eval,-p,--print:text! --config:read!`),
  npx: {
    effect: "unknown",
    versions: "--version -v",
    network: true,
    options:
      "-c,--call:shell! -p,--package:text! --node-options,--node-arg,-n:text! --shell:run! --userconfig:read! --prefix:folder! --registry:host! -y,--yes! --ignore-existing! --npm:run!",
  },
  pnpx: { effect: "unknown", network: true, options: "-c,--shell-mode! -p,--package:text!" },
  bunx: { effect: "unknown", network: true, options: "-p,--package:text!" },
  uvx: { effect: "unknown", network: true, options: "--from:text! --with:text! --index-url:host!" },
  pipx: { effect: "unknown", network: true },
  corepack: online,
  pip: {
    effect: "unknown",
    versions: "--version -V",
    options:
      "--python:run! --index-url,-i:host! --extra-index-url:host! --target,-t:write! --prefix:write! --root:write! --config-settings:text! --global-option:text! --log:write! --cert:read! --trusted-host:host!",
    subcommands: { "*": open, ...verbs("install download search index wheel", online) },
  },
  pip3: {
    effect: "unknown",
    subcommands: { "*": open, ...verbs("install download search index wheel", online) },
    versions: "--version -V",
    options: "--python:run! --index-url:host!",
  },
  uv: {
    effect: "unknown",
    versions: "--version -V",
    options: "--directory:folder! --project:folder! --config-file:read!",
    subcommands: { "*": open, ...verbs("add sync pip tool lock publish run init self", online) },
  },
  poetry: {
    effect: "unknown",
    versions: "--version -V",
    options: "-C,--directory:folder! -P,--project:folder!",
    subcommands: { "*": open, ...verbs("add install update publish lock self source", online) },
  },
  gem: { effect: "unknown", versions: "--version -v", subcommands: { "*": open, ...verbs("install update push fetch", online) } },
  bundle: { effect: "unknown", versions: "--version -v", subcommands: { "*": open, ...verbs("install update add", online) } },
  composer: { effect: "unknown", subcommands: { "*": open, ...verbs("install update require global", online) } },
  brew: online,
  apt: { effect: "unknown", options: "-o:text! -c:read!", network: true },
  "apt-get": { effect: "unknown", options: "-o:text! -c:read!", network: true },
  dnf: online,
  yum: online,
  apk: online,
  pacman: online,
  snap: online,
  flatpak: online,
};
