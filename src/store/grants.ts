// Standing grants on disk: a file for each, so that several programs at once cannot lose one another's. They are kept
// apart from the documents, which agents can write.

import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { GrantsPort, StandingGrant } from "../core/ports.ts";

const dayMs = 24 * 60 * 60 * 1000;
const named = /^g_[a-z0-9_]+$/;

export function createGrants(folder: string): GrantsPort {
  const fileOf = (id: string): string => join(folder, `${id}.json`);
  return {
    list: async () => {
      const names = await readdir(folder).catch(() => []);
      const ids = names.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -".json".length));
      const grants = await Promise.all(ids.map(async (id) => grantIn(await readFile(fileOf(id), "utf8").catch(() => ""), id)));
      return grants.flatMap((grant) => (grant && holds(grant) ? [grant] : [])).toSorted((a, b) => (a.at < b.at ? -1 : 1));
    },
    add: async (grant) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const half = join(folder, `${grant.id}.half`);
      const handle = await open(half, "w", 0o600);
      try {
        await handle.writeFile(JSON.stringify(grant));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(half, fileOf(grant.id));
    },
    revoke: async (id) => {
      if (!named.test(id)) return false;
      return await rm(fileOf(id)).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === "ENOENT") return false;
          throw error;
        },
      );
    },
  };
}

function holds({ at, days }: StandingGrant): boolean {
  return days === undefined || Date.parse(at) + days * dayMs > Date.now();
}

/** A file that is no grant permits nothing. */
function grantIn(text: string, id: string): StandingGrant | undefined {
  try {
    const grant = JSON.parse(text) as StandingGrant;
    const { at, by, sessionId, workspace = "", covers } = grant;
    const texts = [at, by, sessionId, workspace, covers.tool, covers.rule, covers.kind];
    const { days = 1 } = grant;
    const isWhole = texts.every((one) => typeof one === "string") && typeof days === "number";
    return grant.id === id && named.test(id) && isWhole ? grant : undefined;
  } catch {
    return undefined;
  }
}
