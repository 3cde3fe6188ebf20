// The page that holds the interface: a strict policy, no remote content, one script with a nonce.

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

/** Allows the empty style elements and attributes that the toolkit makes, and no others. */
const emptyHash = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='";

export function panelRoot(context: vscode.ExtensionContext): vscode.Uri {
  return vscode.Uri.joinPath(context.extensionUri, "dist", "webview");
}

export function panelHtml(webview: vscode.Webview, root: vscode.Uri): string {
  const nonce = randomBytes(16).toString("base64");
  const at = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(root, name)).toString();
  const { cspSource } = webview;
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' ${cspSource}`,
    `style-src ${cspSource} 'nonce-${nonce}' ${emptyHash}`,
    `style-src-attr 'unsafe-hashes' ${emptyHash}`,
    `img-src ${cspSource} data:`,
    `font-src ${cspSource}`,
  ].join("; ");
  return `<!doctype html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${at("main.css")}" nonce="${nonce}">
<title>Agent Orchestrator</title>
</head>
<body>
<ao-app></ao-app>
<script type="module" nonce="${nonce}" src="${at("main.js")}"></script>
</body>
</html>`;
}
