// MCP servers as users and projects write them down: `.vscode/mcp.json`, `.mcp.json`, a setting of the editor. Reads and
// names what cannot be used; starts nothing. What a project brings is known by its content (hash): a change is a new server.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { showHidden } from "../../protocol/hidden.ts";
import { messageOf } from "../../protocol/result.ts";
import { isMissing } from "../places.ts";

export type ServerDefinition = {
  name: string;
  /** The file, or what else it was read from. */
  source: string;
  hash: string;
  /** What would run or be called, to be shown to a person. */
  shown: string;
  reach:
    | { kind: "stdio"; command: string; args: string[]; env: Record<string, string>; cwd?: string; /** As it wishes. */ sandbox?: "off" }
    | { kind: "http"; url: string; headers: Record<string, string> };
};

export type ReadServers = { servers: ServerDefinition[]; problems: string[] };

type Context = { source: string; folder: string | undefined; env: Record<string, string | undefined> };

const entry = z.looseObject({
  type: z.string().optional(),
  command: z.string().min(1).optional(),
  args: z.array(z.string()).default([]),
  env: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  cwd: z.string().optional(),
  url: z.string().optional(),
  headers: z.record(z.string(), z.string()).default({}),
  disabled: z.boolean().optional(),
  sandbox: z.enum(["on", "off"]).optional(),
});
type Entry = z.infer<typeof entry>;

const files = [
  { path: join(".vscode", "mcp.json"), key: "servers" },
  { path: ".mcp.json", key: "mcpServers" },
];

/** What a project's own files bring. The first file wins where both name a server. */
export async function readProjectServers(folder: string, env: Context["env"]): Promise<ReadServers> {
  const all: ReadServers = { servers: [], problems: [] };
  for (const { path, key } of files) {
    const text = await readFile(join(folder, path), "utf8").catch((error: unknown) => {
      if (!isMissing(error)) all.problems.push(`${path}: ${messageOf(error)}`);
      return undefined;
    });
    if (text === undefined) continue;
    const found = readText(text, key, { source: path, folder, env });
    all.problems.push(...found.problems);
    all.servers.push(...found.servers.filter(({ name }) => !all.servers.some((other) => other.name === name)));
  }
  return all;
}

function readText(text: string, key: string, context: Context): ReadServers {
  try {
    const parsed = JSON.parse(withoutComments(text)) as Record<string, unknown> | null;
    return readServers(parsed?.[key] ?? {}, context);
  } catch (error) {
    return { servers: [], problems: [`${context.source}: ${messageOf(error)}`] };
  }
}

/** Comments and commas before a bracket, as editors allow them. */
function withoutComments(text: string): string {
  const plain = text.replace(/"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[^]*?\*\//g, (part) => (part.startsWith('"') ? part : " "));
  return plain.replace(/"(?:\\.|[^"\\])*"|,(?=\s*[}\]])/g, (part) => (part.startsWith('"') ? part : ""));
}

export function readServers(value: unknown, context: Context): ReadServers {
  const result: ReadServers = { servers: [], problems: [] };
  if (typeof value !== "object" || value === null) return result;
  for (const [name, raw] of Object.entries(value)) {
    const read = readOne(name, raw, context);
    if (typeof read === "string") result.problems.push(`${context.source}: server "${name}" ${read}`);
    else if (read) result.servers.push(read);
  }
  return result;
}

const taken = new Set(["filesystem", "shell", "git", "ide", "context", "agents", "web", "lmstudio", "workspace"]);

/** Text: why it cannot be used. Undefined: it is turned off. */
function readOne(name: string, raw: unknown, context: Context): ServerDefinition | string | undefined {
  const parsed = entry.safeParse(raw);
  if (!parsed.success) return `is not valid: ${parsed.error.issues[0]?.path.join(".")}: ${parsed.error.issues[0]?.message}.`;
  if (parsed.data.disabled) return undefined;
  const plain = name.replaceAll(/[^A-Za-z0-9_-]+/g, "-").replaceAll(/_{2,}/g, "_");
  if (taken.has(plain) || !/^[A-Za-z0-9]/.test(plain)) return "has a name that is not free; choose another.";
  const reach = reachOf(parsed.data, context);
  if (typeof reach === "string") return reach;
  const hash = createHash("sha256")
    .update(JSON.stringify([name, context.folder, raw]))
    .digest("hex");
  return { name: plain, source: context.source, hash, shown: shownOf(parsed.data, reach), reach };
}

/** With what else would decide what runs, as it is written; nothing in it can hide. */
function shownOf({ env, headers }: Entry, reach: ServerDefinition["reach"]): string {
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const bare = reach.kind === "stdio" && reach.sandbox === "off" ? ["(outside of the sandbox)"] : [];
  const words = reach.kind === "stdio" ? [...settings, reach.command, ...reach.args, ...bare] : [reach.url, ...Object.keys(headers)];
  return showHidden(words.join(" "));
}

function reachOf(one: Entry, context: Context): ServerDefinition["reach"] | string {
  const wants: string[] = [];
  const fill = (text: string): string => filled(text, context, wants);
  const fillAll = (map: Record<string, string | number>): Record<string, string> =>
    Object.fromEntries(Object.entries(map).map(([key, value]) => [key, fill(String(value))]));
  const reach: ServerDefinition["reach"] | undefined =
    one.command !== undefined
      ? {
          kind: "stdio",
          command: fill(one.command),
          args: one.args.map(fill),
          env: fillAll(one.env),
          ...(one.cwd ? { cwd: fill(one.cwd) } : context.folder ? { cwd: context.folder } : {}),
          ...(one.sandbox === "off" ? { sandbox: "off" as const } : {}),
        }
      : one.url !== undefined
        ? { kind: "http", url: fill(one.url), headers: fillAll(one.headers) }
        : undefined;
  if (!reach) return "names neither a command nor a url.";
  if (wants.length > 0) return `needs ${wants.join(", ")}, which is not set here.`;
  if (one.type === "sse") return "speaks the old SSE transport; streamable HTTP is needed.";
  if (reach.kind === "http" && !/^https?:\/\//.test(reach.url)) return `has no http address: ${reach.url}.`;
  return reach;
}

/** `${workspaceFolder}`, `${userHome}`, `${env:NAME}`, `${NAME}`, `${NAME:-default}`. */
function filled(text: string, { folder, env }: Context, wants: string[]): string {
  return text.replaceAll(/\$\{([^}]+)\}/g, (whole, inside: string) => {
    if (inside === "workspaceFolder" && folder !== undefined) return folder;
    if (inside === "userHome") return homedir();
    const [, name = "", fallback] = /^(?:env:)?([A-Za-z_]\w*)(?::-(.*))?$/.exec(inside) ?? [];
    const value = env[name] ?? fallback;
    if (value === undefined) wants.push(whole);
    return value ?? "";
  });
}
