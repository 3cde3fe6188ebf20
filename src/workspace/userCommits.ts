// What is to be known of commits in the user's repository, and the notes beside them; together with commit.ts, core's port.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RepositoryPort } from "../core/repositoryPort.ts";
import type { SessionId } from "../protocol/ids.ts";
import { commit } from "./commit.ts";
import { identityOf, unwritable } from "./commitObstacles.ts";
import { type Git, GitFailed } from "./git.ts";
import { type Places, safeName } from "./places.ts";
import { type UserGit, withUserGit } from "./userGit.ts";

const notesRef = "refs/notes/agent-trace";

export function repositoryPort(git: Git, at: <T>(workspace: string, work: (places: Places) => Promise<T>) => Promise<T>): RepositoryPort {
  const reading = async <T>(workspace: string, work: (user: UserGit) => Promise<T | undefined>): Promise<T | undefined> =>
    await at(
      workspace,
      async (places) =>
        await withUserGit(git, places, { dry: true }, async (user) => (unwritable(user) === undefined ? await work(user) : undefined)),
    );
  return {
    commit: async (workspace, wish, talk) => await at(workspace, async (places) => await commit(git, places, wish, talk)),
    isMade: async (workspace, { commit: made, branch }) => {
      const args = ["merge-base", "--is-ancestor", checked(made), `refs/heads/${branch}`];
      return (await reading(workspace, async ({ run }) => (await run({ args, answers: [1, 128] })).code === 0)) ?? false;
    },
    inHead: async (workspace, commits) =>
      (await reading(workspace, async ({ run }) => {
        const held: string[] = [];
        for (const one of commits)
          if ((await run({ args: ["merge-base", "--is-ancestor", checked(one), "HEAD"], answers: [1, 128] })).code === 0) held.push(one);
        return held;
      })) ?? [],
    note: async (workspace, made, text) => {
      await at(
        workspace,
        async (places) =>
          await withUserGit(git, places, { dry: false }, async (user) => {
            const obstacle = unwritable(user);
            const who = identityOf(user.settings);
            if (obstacle !== undefined || !who) throw new GitFailed(obstacle ?? "nobody to write the note as");
            const args = ["notes", `--ref=${notesRef}`, "add", "--force", "--file=-", checked(made)];
            await user.run({ args, input: text, env: { ...who, GIT_NOTES_REF: notesRef } });
          }),
      );
    },
    head: async (workspace) =>
      await reading(workspace, async ({ run, prefix }) => {
        const { code, stdout } = await run({ args: ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], answers: [1, 128] });
        return code === 0 ? { commit: stdout.toString("utf8").trim(), prefix } : undefined;
      }),
    fileAt: async (workspace, made, path) =>
      await reading(workspace, async ({ run, prefix }) => {
        const { code, stdout } = await run({ args: ["cat-file", "blob", `${checked(made)}:${prefix}${path}`], answers: [1, 128] });
        return code === 0 ? stdout : undefined;
      }),
    keepMessage: async (sessionId, workspace, message) =>
      await at(workspace, async (places) => {
        const file = keptMessage(places, sessionId);
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        await writeFile(file, message);
        return file;
      }),
  };
}

export function keptMessage({ home }: Places, sessionId: SessionId): string {
  return join(home, "messages", `${safeName(sessionId)}.txt`);
}

/** For what comes from a record and goes into an argument list. */
function checked(revision: string): string {
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(revision)) throw new Error(`not a commit: ${JSON.stringify(revision)}`);
  return revision;
}
