// Makes the workbench load an extension from its folder, and run tests in its extension host, by the page's own
// configuration. The page is served unchanged: rewriting it on the way would make the browser refuse its socket.

import type { Page } from "playwright-core";

type Wanted = {
  developmentExtension?: string;
  tests?: string;
  onTestsEnd?: (exitCode: number) => void;
  onTestsLog?: (words: string) => void;
};

type PageDocument = {
  addEventListener(type: string, listener: () => void): void;
  getElementById(
    id: string,
  ): { dataset: Record<string, string>; getAttribute(name: string): string; setAttribute(name: string, value: string): void } | null;
};

/** To be called before the page is opened. */
export async function develop(page: Page, port: number, { developmentExtension, tests, onTestsEnd, onTestsLog }: Wanted): Promise<void> {
  if (onTestsEnd) {
    await page.exposeFunction("codeAutomationExit", (code: number) => onTestsEnd(code));
    await page.exposeFunction("codeAutomationLog", (_type: string, words: unknown[]) => onTestsLog?.(words.map(String).join(" ")));
  }
  if (developmentExtension === undefined) return;
  const uri = (path: string): object => ({ $mid: 1, scheme: "vscode-remote", authority: `127.0.0.1:${port}`, path });
  const options = { extensions: [uri(developmentExtension)], ...(tests === undefined ? {} : { extensionTestsPath: uri(tests) }) };
  await page.addInitScript(patchConfiguration, options);
}

/** Runs in the page, before the workbench's deferred modules: at "interactive" the element is there and nobody has read it. */
function patchConfiguration(options: object): void {
  const { document, top, self } = globalThis as unknown as { document: PageDocument; top: unknown; self: unknown };
  if (self !== top) return;
  document.addEventListener("readystatechange", () => {
    const element = document.getElementById("vscode-workbench-web-configuration");
    if (!element || element.dataset["patched"]) return;
    element.dataset["patched"] = "yes";
    const settings = JSON.parse(element.getAttribute("data-settings")) as { developmentOptions?: object };
    element.setAttribute(
      "data-settings",
      JSON.stringify({ ...settings, developmentOptions: { ...settings.developmentOptions, ...options } }),
    );
  });
}
