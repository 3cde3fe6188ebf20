// Two modules of the workbench are native and come unbuilt: the writer of log files and the watch on the parent process.
// These do the same in plain JavaScript, so that set-up needs no compiler and the extension host's log can be read.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

const logger = `const { appendFileSync, mkdirSync } = require("node:fs");
const { dirname } = require("node:path");
const levels = ["trace", "debug", "info", "warn", "error", "critical"];
class Logger {
  #level = 2;
  #plain = false;
  constructor(_type, _name, file) { this.file = file; }
  #write(level, words) {
    if (level < this.#level) return;
    try { appendFileSync(this.file, this.#plain ? words : new Date().toISOString() + " [" + levels[level] + "] " + words + "\\n"); } catch {}
  }
  trace(words) { this.#write(0, words); }
  debug(words) { this.#write(1, words); }
  info(words) { this.#write(2, words); }
  warn(words) { this.#write(3, words); }
  error(words) { this.#write(4, words); }
  critical(words) { this.#write(5, words); }
  getLevel() { return this.#level; }
  setLevel(level) { this.#level = level; }
  setPattern() {}
  clearFormatters() { this.#plain = true; }
  flush() {}
  drop() {}
}
async function create(name, file) {
  mkdirSync(dirname(file), { recursive: true });
  return new Logger("", name, file);
}
// One by one: the workbench imports this as a module and must find the names.
exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
`;

const watchdog = `exports.start = (pid) => {
  setInterval(() => {
    try { process.kill(pid, 0); } catch { process.exit(87); }
  }, 1000).unref();
};
exports.exit = (code) => process.exit(code ?? 0);
`;

/** `modules` is the workbench's node_modules folder. */
export function substituteNativeModules(modules: string): void {
  writeFileSync(join(modules, "@vscode", "spdlog", "index.js"), logger);
  writeFileSync(join(modules, "@vscode", "native-watchdog", "index.js"), watchdog);
}
