// The policy files of this machine, this user and a workspace, and which of a workspace's files the user accepted: by the
// hash of their bytes, kept in the data folder, which agents cannot write.

import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readFile, realpath, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { combine, type Policy, type PolicyDocument, type PolicyProblem } from "../core/policy.ts";

export type PolicyPlaces = {
  machineFile: string;
  dataDir: string;
  /** Counts an unaccepted file of the workspace as accepted: to see what would hold then. */
  acceptWorkspace?: boolean;
};

/** In the workspace; the first that is there counts. */
export const workspacePolicies = [".agents/policy.yaml", ".agents/policy.yml", ".agents/policy.json"];

export function userPolicyFile(dataDir: string): string {
  return join(dataDir, "policy.yaml");
}

/** Without a workspace (or in one that is not trusted) its file is not read. */
export async function loadPolicy(places: PolicyPlaces, workspace: string | undefined): Promise<Policy> {
  const documents: PolicyDocument[] = [];
  const problems: PolicyProblem[] = [];
  const wanted: [PolicyDocument["origin"], string[]][] = [
    ["machine", [places.machineFile]],
    ["user", [userPolicyFile(places.dataDir)]],
    ["workspace", workspace === undefined ? [] : workspacePolicies.map((name) => join(workspace, name))],
  ];
  for (const [origin, files] of wanted) {
    const found = await firstOf(files, problems, origin === "workspace" ? workspace : undefined);
    if (!found) continue;
    const { file, text } = found;
    // What reads such a file costs more than a program's start: it is loaded where there is one.
    const { readPolicy } = await import("./policyFile.ts");
    const read = readPolicy(text, homedir());
    const hash = createHash("sha256").update(text).digest("hex");
    if (!read.ok) problems.push(...read.faults.map(({ line, column = 1, message }) => ({ file, line, column, message })));
    else documents.push({ ...read.policy, origin, file, hash, trusted: origin !== "workspace" || (await isAccepted(places, hash)) });
  }
  return combine(documents, problems);
}

/** A file that is there but cannot be read is a fault, not an absence: what it forbids is not known. */
async function firstOf(
  files: string[],
  problems: PolicyProblem[],
  within: string | undefined,
): Promise<{ file: string; text: string } | undefined> {
  for (const file of files) {
    const text = await readRegular(file, within).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
      problems.push({ file, line: 1, column: 1, message: `The file cannot be read (${error.code ?? error.message}).` });
      return undefined;
    });
    if (text !== undefined) return { file, text };
  }
  return undefined;
}

const mostBytes = 4 * 1024 * 1024;

/** Waits for no pipe and reads no device. */
async function readRegular(file: string, within: string | undefined): Promise<string> {
  // What is wrong in a file is quoted: by a link, a project could have another one's lines shown.
  if (within !== undefined && relative(await realpath(within), await realpath(file)).startsWith(".."))
    throw Object.assign(new Error("leads out"), { code: "a link leads out of the project" });
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw Object.assign(new Error("no regular file"), { code: "no regular file" });
    if (found.size > mostBytes) throw Object.assign(new Error("too long"), { code: "it is too long for a policy" });
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

async function isAccepted(places: PolicyPlaces, hash: string): Promise<boolean> {
  if (places.acceptWorkspace) return true;
  return readFile(acceptedFile(places.dataDir, hash)).then(
    () => true,
    () => false,
  );
}

/** From now on these very bytes count in full, wherever they lie. */
export async function acceptPolicy(dataDir: string, file: string, text: string): Promise<string> {
  const hash = createHash("sha256").update(text).digest("hex");
  await mkdir(join(dataDir, "accepted-policies"), { recursive: true, mode: 0o700 });
  await writeFile(acceptedFile(dataDir, hash), JSON.stringify({ file, at: new Date().toISOString() }), { mode: 0o600 });
  return hash;
}

function acceptedFile(dataDir: string, hash: string): string {
  return join(dataDir, "accepted-policies", `${hash}.json`);
}

/** Where the machine's own policy is: only its administrator can write there. */
export function machinePolicyFile(platform: NodeJS.Platform, env: Record<string, string | undefined>): string {
  if (platform === "darwin") return "/Library/Application Support/agent-orchestrator/policy.yaml";
  if (platform === "win32") return join(env["ProgramData"] ?? "C:\\ProgramData", "agent-orchestrator", "policy.yaml");
  return "/etc/agent-orchestrator/policy.yaml";
}
