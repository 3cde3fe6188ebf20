// What the browser complained about: console errors, uncaught errors, requests that failed. Owns the list of complaints
// that the bare workbench makes by itself, so that what is left is ours to explain.

import type { Page } from "playwright-core";

export type Problem = { kind: "console" | "error" | "request"; text: string; url: string };

/** Seen in a workbench without any extension of ours: a module that this build lacks, and what a page gives up by itself. */
const noise: RegExp[] = [
  /\/node_modules\/vsda\//,
  /^net::ERR_ABORTED$/,
  /\[lifecycle\] Long running operations during shutdown/,
  /Unable to read file .* \(Canceled: Canceled\)/,
  // A page that is left while it writes its log.
  /Unable to write file 'vscode-log:.*IndexedDB database 'vscode-web-db' is closed/,
  /Error: Throttler is disposed\n.*workbench\.js/,
];

/** Starts to watch; the returned function tells what came up so far. */
export function watchProblems(page: Page): () => Problem[] {
  const seen: Problem[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") seen.push({ kind: "console", text: message.text(), url: message.location().url });
  });
  page.on("pageerror", (error) => seen.push({ kind: "error", text: error.stack ?? error.message, url: page.url() }));
  page.on("requestfailed", (request) => seen.push({ kind: "request", text: request.failure()?.errorText ?? "failed", url: request.url() }));
  page.on("response", (response) => {
    if (response.status() >= 400) seen.push({ kind: "request", text: `status ${response.status()}`, url: response.url() });
  });
  return () => seen.filter(({ text, url }) => !noise.some((pattern) => pattern.test(text) || pattern.test(url)));
}
