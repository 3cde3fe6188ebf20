// The toolkit tests the browser with a style element of its own, which the page's policy refuses unless it carries the
// page's nonce; it looks for that in a meta element. Must be imported before the toolkit.

const nonce = document.querySelector<HTMLElement>("script[nonce]")?.nonce;
if (nonce) {
  const meta = document.createElement("meta");
  meta.setAttribute("property", "csp-nonce");
  meta.content = nonce;
  document.head.append(meta);
}
