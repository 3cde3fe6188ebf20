// What the browser complained about: console errors, uncaught errors, requests that failed. Owns the rule that tells what
// the workbench complains about by itself from what is ours to explain.

import type { Page } from "playwright-core";

export type Problem = { kind: "console" | "error" | "request"; text: string; url: string };

/** The workbench's own files and what it serves for itself. */
const workbenchOwn = /\/static\/|\/vscode-remote-resource\?|\/node_modules\/vsda\//;
const ours = /agent-?orchestrator/i;

/** A complaint of the workbench about itself (a page left in the middle of its work, say) tells nothing about an extension. */
function isForeign({ text, url }: Problem): boolean {
  if (text === "net::ERR_ABORTED") return true;
  return workbenchOwn.test(url) && !/\/webview\//.test(url) && !ours.test(text) && !ours.test(url);
}

/** Starts to watch; the returned function tells what came up so far. */
export function watchProblems(page: Page): () => Problem[] {
  const seen: Problem[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") seen.push({ kind: "console", text: message.text(), url: message.location().url });
  });
  page.on("pageerror", ({ stack, message }) => {
    const [thrower = page.url()] = /https?:\/\/[^\s)]+/.exec(stack ?? "") ?? [];
    seen.push({ kind: "error", text: stack ?? message, url: thrower });
  });
  page.on("requestfailed", (request) => seen.push({ kind: "request", text: request.failure()?.errorText ?? "failed", url: request.url() }));
  page.on("response", (response) => {
    if (response.status() >= 400) seen.push({ kind: "request", text: `status ${response.status()}`, url: response.url() });
  });
  return () => seen.filter((problem) => !isForeign(problem));
}
