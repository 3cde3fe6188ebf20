// The least extension that has a command, a setting and a panel with the product's marks: the bed's own tests run on it,
// so that a fault of the bed is never taken for one of the product.

const vscode = require("vscode");

exports.activate = (context) => {
  context.subscriptions.push(
    vscode.window.registerWebviewViewProvider("standIn.panel", { resolveWebviewView: show }),
    vscode.commands.registerCommand("standIn.openPanel", () => vscode.commands.executeCommand("standIn.panel.focus")),
  );
  return { word: () => vscode.workspace.getConfiguration("standIn").get("word") };
};

function show(view) {
  view.webview.options = { enableScripts: true };
  const { webview } = view;
  webview.onDidReceiveMessage(({ goal }) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the editor's own channel, not a window
    void webview.postMessage(goal === "complain" ? { complain: true } : { status: "waiting", echo: goal });
  });
  view.webview.html = html;
}

const html = `<!doctype html><html><head>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-standIn'">
</head><body>
<p data-testid="status">ready</p>
<textarea data-testid="composer"></textarea><button data-testid="send">Send</button>
<section data-testid="approval" hidden><pre></pre><button data-testid="approve">Allow</button></section>
${["chat", "agents", "approvals", "trace", "changes"].map((tab) => `<button data-testid="tab-${tab}">${tab}</button>`).join("")}
<p data-testid="task">a task</p><p data-testid="trace-row">a row</p>
<button data-testid="keep-all" hidden>Keep all</button>
<script nonce="standIn">
const vscode = acquireVsCodeApi();
const mark = (name) => document.querySelector('[data-testid="' + name + '"]');
mark("send").onclick = () => vscode.postMessage({ goal: mark("composer").value });
addEventListener("message", ({ data }) => {
  if (data.complain) throw new Error("a complaint on purpose");
  mark("status").textContent = data.status;
  mark("approval").hidden = false;
  mark("approval").querySelector("pre").textContent = data.echo;
});
mark("approve").onclick = () => {
  mark("approval").remove();
  mark("status").textContent = "done";
  mark("keep-all").hidden = false;
};
mark("keep-all").onclick = () => mark("keep-all").remove();
</script></body></html>`;
