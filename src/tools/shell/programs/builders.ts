// Compilers, interpreters, test runners and linters: they run the project's code, so nothing but asking for a version
// only reads. Their tables say which arguments make them run or load something else than what is commonly meant.

import type { Program } from "../programs.ts";

const runs = (options: string): Program => ({ effect: "unknown", options });
const tool = (options: string, versions = "--version"): Program => ({ effect: "unknown", options, versions });

const python: Program = {
  ...tool("-c:text! -i! -X:text! -W:text -m:text -b -B -d -E -h -I -O -P -q -s -S -u -v -x -?", "--version -V"),
  script: "-m,-c",
  minds: /^(-\w*m)?(pip|ensurepip|http\.server|webbrowser|smtpd)$/,
};

export const builders: Record<string, Program> = {
  node: {
    ...tool(
      "--test --run:text -c,--check --watch --watch-path:text --no-warnings --enable-source-maps --test-only --test-reporter:text --test-name-pattern:text --experimental-strip-types -e,--eval,-p,--print:text! -r,--require:run! --import:run! --loader,--experimental-loader:run! --env-file:read! -C:text! --inspect,--inspect-brk?:text! --openssl-config:read! --build-snapshot! --experimental-config-file:read!",
      "--version -v",
    ),
    script: "--test,--run,-e",
  },
  deno: tool("-A,--allow-all! --allow-run?:text! --allow-net?:text! --import-map:read! -c,--config:read! --preload:run!", "--version -V"),
  tsx: { ...tool("-e,--eval:text! -r,--require:run! --import:run!", "--version -v"), script: "-e" },
  "ts-node": { ...tool("-e,--eval:text! -r,--require:run!", "--version -v"), script: "-e" },
  python,
  python3: python,
  ruby: { ...tool("-e:text! -r:run! -I:read! -S! -x! -C:folder!", "--version -v"), script: "-e" },
  perl: { ...tool("-e,-E:text! -i?:text! -M,-m:text! -I:read! -S! -x!", "--version -v"), script: "-e" },
  php: { ...tool("-r:text! -d:text! -f:read! -B,-R,-E:text! -S:text!", "--version -v"), script: "-r,-B" },
  lua: { ...tool("-e:text! -l:text! -i!"), script: "" },
  java: {
    ...tool("-cp,-classpath,--class-path:read! -jar:run! -agentlib,-agentpath,-javaagent?:text!", "--version -version"),
    longDash: true,
  },
  tsc: tool(
    "--outDir:write --outFile:write --build,-b --project,-p:read --generateTrace:write! --declarationDir:write --tsBuildInfoFile:write",
    "--version -v",
  ),
  eslint: tool(
    "--rulesdir:run! --resolve-plugins-relative-to:run! --plugin:text! --parser:run! -c,--config:run! -f,--format:run! -o,--output-file:write! --cache-location,--cache-file:write! --ext:text",
    "--version -v",
  ),
  oxlint: tool("-c,--config:read!"),
  biome: tool("--config-path:read!"),
  prettier: tool("--plugin:run! --config:run! --find-config-path! --cache-location:write! --ignore-path:read -w,--write", "--version -v"),
  jest: tool(
    "-c,--config:run! --globalSetup,--globalTeardown:run! --setupFiles,--setupFilesAfterEnv?:run! --runner,--testRunner:run! --transform:text! --reporters:run! --resolver:run! --rootDir:folder! --roots:read! --testEnvironment:run! --watchPlugins:run! --outputFile:write! --preset:run! --snapshotResolver:run! --testSequencer:run!",
    "--version -v",
  ),
  vitest: tool(
    "-c,--config:run! --root,-r,--dir:folder! --globalSetup:run! --environment:run! --reporter:text --outputFile:write! --api?:text! --browser?:text! --pool:text! --runner:run!",
    "--version -v",
  ),
  mocha: tool(
    "-r,--require:run! --import:run! --config:run! --package:read! -R,--reporter:text --node-option,-n:text! --ui,-u:run! --loader:run! --reporter-option,-O:text!",
    "--version -V",
  ),
  playwright: tool("-c,--config:run!"),
  pytest: tool(
    "-p:text! --rootdir:read! -c,--config-file:read! -o,--override-ini:text! --confcutdir:read! --pdb! --pdbcls:text! --basetemp:write! --junitxml,--junit-xml:write! --import-mode:text --pastebin:text! --debug?:text!",
    "--version -V",
  ),
  ruff: tool("--config:read! --output-file,-o:write! --cache-dir:write!"),
  mypy: tool("--config-file:read! --python-executable:run! --custom-typeshed-dir:read! --install-types! --cache-dir:write!"),
  black: tool("--config:read! -c,--code:text"),
  make: {
    ...tool(
      "-f,--file,--makefile:run! -C,--directory:folder! --eval,-E:text! -I,--include-dir:read! -e,--environment-overrides!",
      "--version -v",
    ),
    minds: /^(SHELL|MAKEFLAGS|MAKEFILES|\.SHELLFLAGS)\W*=|^[\w.-]+[:+?!]*=.*[$`]/s,
  },
  gmake: tool("-f,--file,--makefile:run! -C,--directory:folder! --eval,-E:text! -I,--include-dir:read!"),
  ninja: tool("-f:run! -C:folder!", "--version"),
  cmake: tool("-P:run! -C:run! -E:text! --build:folder --install:folder!"),
  just: tool("-f,--justfile:run! -d,--working-directory:folder! --shell:run! -c,--command!"),
  task: tool("-t,--taskfile:run! -d,--dir:folder!"),
  gradle: tool(
    "-b,--build-file:run! -I,--init-script:run! -p,--project-dir:folder! -c,--settings-file:run! -D:text! -g:write!",
    "--version -v",
  ),
  mvn: tool("-f,--file:run! -s,--settings:read! -D:text! -t,--toolchains:read!", "--version -v"),
  cargo: {
    effect: "unknown",
    versions: "--version -V",
    options: "-q -v --config:text! -C:folder! -Z:text! --manifest-path:run! --target-dir:write!",
    subcommands: {
      "*": runs("--config:text! --manifest-path:run! --target-dir:write! --artifact-dir,--out-dir:write! -Z:text!"),
      ...Object.fromEntries(
        ["install", "add", "publish", "update", "search", "fetch", "login", "owner", "yank"].map((name) => [
          name,
          { ...runs("--config:text! --root:write! --git:host! --index:host! --registry:text!"), network: true },
        ]),
      ),
    },
  },
  rustc: tool("-C:text! -o:write --out-dir:write! --extern:text! -Z:text!", "--version -V"),
  go: {
    effect: "unknown",
    options: "-C:folder!",
    longDash: true,
    subcommands: {
      "*": {
        effect: "unknown",
        longDash: true,
        options:
          "-exec,--exec:run! -toolexec,--toolexec:run! -o,--o:write! -C:folder! -modfile:read! -overlay:read! -pkgdir:write! -ldflags,-gcflags,-asmflags,-gccgoflags:text! -vettool,--vettool:run! -mod:text",
      },
      version: { effect: "reads", operands: "text*", longDash: true },
      ...Object.fromEntries(
        ["get", "install", "mod", "work"].map((name) => [
          name,
          { effect: "unknown", network: true, options: "-toolexec:run! -exec:run!", longDash: true } satisfies Program,
        ]),
      ),
    },
  },
  gcc: { ...tool("-o:write -B:read! -specs:read! -wrapper:run! -fplugin:run!"), longDash: true },
  cc: { ...tool("-o:write -B:read! -specs:read! -wrapper:run! -fplugin:run!"), longDash: true },
  clang: { ...tool("-o:write -B:read! -fplugin:run! -Xclang:text!"), longDash: true },
  "g++": { ...tool("-o:write -B:read! -wrapper:run!"), longDash: true },
  dotnet: tool("", "--version --info"),
  swift: tool("", "--version"),
};
