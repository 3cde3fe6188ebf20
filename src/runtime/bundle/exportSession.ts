// A session as one file: its events as they are on record, the artifacts and documents that they name, and the snapshots.

import { mkdtemp, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { StorePort } from "../../core/ports.ts";
import type { TraceEvent } from "../../protocol/events.ts";
import type { ContentHash } from "../../protocol/ids.ts";
import type { SessionState } from "../../protocol/state.ts";
import { traceLines } from "../traceFile.ts";
import { createBundles } from "../../workspace/bundle.ts";
import { fileChunks, measure, writeContainer } from "./container.ts";
import type { Manifest } from "./manifest.ts";

const pageSize = 500;

export type Exported = { file: string; events: number; artifacts: number; snapshots: number };

/** Of events that come while it is written none is in it. The file is there whole or not at all. */
export async function exportSession(
  { store, dataDir }: { store: StorePort; dataDir: string },
  state: SessionState,
  file: string,
): Promise<Exported> {
  const { id, name, workspace, seq } = state;
  const names = await namesIn(store, state);
  const temp = await mkdtemp(join(dataDir, "probe-export-"));
  const half = `${resolve(file)}.part`;
  try {
    const packed = await createBundles(dataDir).pack(id, workspace, names.commits, temp);
    const snapshots = packed.file === undefined ? undefined : { file: packed.file, ...(await measure(fileChunks(packed.file))) };
    const events = await measure(lines(store, state));
    const artifacts = await present(store, names.hashes);
    const manifest: Manifest = {
      format: 1,
      sessionId: id,
      name,
      workspace,
      seq,
      digest: events.sha256,
      artifacts: artifacts.map(({ hash, bytes }) => ({ hash, bytes })),
      documents: names.documents,
      commits: packed.commits,
      bytes: { events: events.bytes, snapshots: snapshots?.bytes ?? 0 },
    };
    const about = Buffer.from(JSON.stringify(manifest));
    const out = writeContainer(half);
    await out.add("manifest", about, await measure(only(about)));
    await out.add("events", lines(store, state), events);
    for (const { hash, bytes } of artifacts)
      await out.add("artifact", (await store.getArtifact(hash))!, { bytes, sha256: hash.slice("sha256:".length) });
    if (snapshots) await out.add("snapshots", fileChunks(snapshots.file), snapshots);
    await out.end();
    await rename(half, resolve(file));
    return { file: resolve(file), events: seq, artifacts: artifacts.length, snapshots: packed.commits.length };
  } finally {
    await rm(half, { force: true });
    await rm(temp, { recursive: true, force: true });
  }
}

async function* pages(store: StorePort, { id, seq }: SessionState): AsyncGenerator<TraceEvent[]> {
  for (let after = 0; after < seq;) {
    const page = (await store.read(id, { after, limit: pageSize })).filter((event) => event.seq <= seq);
    if (page.length === 0) return;
    yield page;
    after = page.at(-1)!.seq;
  }
}

/** The very lines of `ao trace --format jsonl`. */
export async function* lines(store: StorePort, state: SessionState): AsyncGenerator<Buffer> {
  const { parts, digests } = await store.readTape(state.id);
  for await (const events of pages(store, state)) {
    const { seq: first } = events[0]!;
    const last = events.at(-1)!.seq;
    const own = parts.filter(({ seq }) => seq >= first && seq <= last);
    yield Buffer.from(`${traceLines({ events, parts: own, digests }).join("\n")}\n`);
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

type Names = { hashes: Set<ContentHash>; commits: Set<string>; documents: Manifest["documents"] };

async function namesIn(store: StorePort, state: SessionState): Promise<Names> {
  const names: Names = { hashes: new Set(), commits: new Set(), documents: [] };
  const { parts } = await store.readTape(state.id);
  for (const part of parts)
    for (const [hash] of JSON.stringify(part).matchAll(/\bsha256:[0-9a-f]{64}\b/g)) names.hashes.add(hash as ContentHash);
  for await (const page of pages(store, state))
    for (const { type, payload } of page) {
      const text = JSON.stringify(payload) ?? "";
      for (const [found] of text.matchAll(/\b(sha256:[0-9a-f]{64}|[0-9a-f]{40})\b/g))
        if (found.startsWith("sha256:")) names.hashes.add(found as ContentHash);
        else names.commits.add(found);
      if (type === "document.added") await addDocument(store, names, payload as { documentId: string });
    }
  return names;
}

async function addDocument(store: StorePort, { documents, hashes }: Names, { documentId }: { documentId: string }): Promise<void> {
  const document = await store.getDocument(documentId);
  if (!document || documents.some(({ id }) => id === documentId)) return;
  const { sessionId: _here, ...rest } = document;
  documents.push(rest);
  hashes.add(document.hash);
}

/** Hashes name other things as well; what is no artifact is left out. */
async function present(store: StorePort, hashes: Set<ContentHash>): Promise<{ hash: ContentHash; bytes: number }[]> {
  const found: { hash: ContentHash; bytes: number }[] = [];
  for (const hash of [...hashes].toSorted()) {
    const content = await store.getArtifact(hash);
    if (content) found.push({ hash, bytes: content.length });
  }
  return found;
}
