// A page of HTML as text that a model can read: headings, lists, links and code keep their shape, all that a person would
// not see (scripts, styles, hidden parts, comments, invisible characters) is left out. Owns no fetching.

import { Parser } from "htmlparser2";

/** Nothing inside of these is text for a reader. */
const silent = new Set("script style noscript template svg math canvas iframe object embed audio video select dialog".split(" "));
const blocks = new Set(
  "address article aside blockquote dd details div dl dt fieldset figcaption figure footer form header main nav ol p section summary table tr ul".split(
    " ",
  ),
);

/** Real pages are far from this; the parser looks through all that is open whenever something closes. */
const deepest = 400;
const piece = 32 * 1024;

type Open = { name: string; hidden: boolean; href?: string; count?: number };

export function readableText(html: string, base: URL): string {
  const page = createPage(base);
  const parser = new Parser(page, { decodeEntities: true });
  for (let at = 0; at < html.length && page.depth() < deepest; at += piece) parser.write(html.slice(at, at + piece));
  parser.end();
  return page.text();
}

function createPage(base: URL) {
  const open: Open[] = [];
  const parts: string[] = [];
  let title = "";
  let inPre = 0;

  const hidden = (): boolean => open.at(-1)?.hidden ?? false;
  const say = (text: string): void => void (hidden() || parts.push(text));

  return {
    onopentag(name: string, attributes: Record<string, string>): void {
      const isHidden = hidden() || silent.has(name) || isConcealed(attributes);
      const entry: Open = { name, hidden: isHidden };
      open.push(entry);
      if (isHidden) return;
      if (name === "pre") inPre += 1;
      const href = name === "a" ? linkTo(attributes["href"], base) : undefined;
      if (href !== undefined) entry.href = href;
      parts.push(before(entry, attributes, open, inPre > 0));
    },
    onclosetag(): void {
      const entry = open.pop();
      if (!entry || entry.hidden) return;
      if (entry.name === "pre") inPre -= 1;
      parts.push(after(entry, inPre > 0));
    },
    ontext(text: string): void {
      const { name } = open.at(-1) ?? {};
      const visible = text.replaceAll(invisible, "");
      if (name === "title") title += hidden() ? "" : visible;
      else say(inPre > 0 ? visible : visible.replaceAll(/\s+/g, " "));
    },
    depth: () => open.length,
    text: () => tidy(`${title.trim() === "" ? "" : `# ${title.trim().replaceAll(/\s+/g, " ")}\n\n`}${parts.join("")}`),
  };
}

/** Characters that steer or hide text: zero width, changes of direction, tags. */
const invisible = /[\u200B\u2060\uFEFF\u202A-\u202E\u2066-\u2069\u{E0000}-\u{E007F}]/gu;

function isConcealed(attributes: Record<string, string>): boolean {
  if ("hidden" in attributes || attributes["aria-hidden"] === "true") return true;
  const style = (attributes["style"] ?? "").toLowerCase().replaceAll(/\s/g, "");
  return /display:none|visibility:hidden|opacity:0(?:\.0+)?(?:;|$)|font-size:0/.test(style);
}

function before({ name, href }: Open, attributes: Record<string, string>, open: Open[], inPre: boolean): string {
  if (/^h[1-6]$/.test(name)) return `\n\n${"#".repeat(Number(name[1]))} `;
  if (blocks.has(name)) return name === "tr" ? "\n" : "\n\n";
  switch (name) {
    case "li":
      return `\n${marker(open)} `;
    case "br":
      return "\n";
    case "hr":
      return "\n\n---\n\n";
    case "pre":
      return "\n\n```\n";
    case "code":
      return inPre ? "" : "`";
    case "a":
      return href === undefined ? "" : "[";
    case "img":
      return attributes["alt"] ? `[image: ${attributes["alt"].replaceAll(/\s+/g, " ")}]` : "";
    case "td":
    case "th":
      return " | ";
    default:
      return "";
  }
}

function marker(open: Open[]): string {
  const list = open.findLast(({ name }) => name === "ul" || name === "ol");
  if (list?.name !== "ol") return "-";
  list.count = (list.count ?? 0) + 1;
  return `${list.count}.`;
}

function after({ name, href }: Open, inPre: boolean): string {
  if (/^h[1-6]$/.test(name)) return "\n\n";
  if (blocks.has(name)) return name === "tr" ? " |" : "\n\n";
  switch (name) {
    case "pre":
      return "\n```\n\n";
    case "code":
      return inPre ? "" : "`";
    case "a":
      return href === undefined ? "" : `](${href})`;
    default:
      return "";
  }
}

/** Only what can be fetched; a script or data in a link is nothing to read. */
function linkTo(href: string | undefined, base: URL): string | undefined {
  if (!href || href.startsWith("#") || !URL.canParse(href, base.href)) return undefined;
  const url = new URL(href, base);
  return url.protocol === "http:" || url.protocol === "https:" ? url.href : undefined;
}

function tidy(text: string): string {
  return text
    .split("```")
    .map((piece, i) => (i % 2 === 1 ? piece.trimEnd().concat("\n") : plain(piece)))
    .join("```")
    .trim();
}

/** Links without a target are plain words; one blank line at most. */
function plain(text: string): string {
  return text
    .replaceAll(/\[\s*\](?:\([^()\s]*\))?/g, "")
    .replaceAll(/[ \t]+/g, " ")
    .replaceAll(/ ?\n ?/g, "\n")
    .replaceAll(/\n{3,}/g, "\n\n");
}
