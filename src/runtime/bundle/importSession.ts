// A session out of a file. All of it is checked before any of it counts: what is taken out lies in a folder of its own until
// then, and goes with it when something is wrong. One that is here already stays; its id with another content gets a new one.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Ports, StorePort } from "../../core/ports.ts";
import { type Arrival, arrival, translatorFor } from "../../core/takeIn.ts";
import { eventId, type TraceEvent } from "../../protocol/events.ts";
import type { ContentHash, SessionId } from "../../protocol/ids.ts";
import { reduce } from "../../protocol/reduce.ts";
import { fail, messageOf, ok, type Result } from "../../protocol/result.ts";
import type { SessionState } from "../../protocol/state.ts";
import { createBundles, UnsoundPack } from "../../workspace/bundle.ts";
import { type ContainerReader, type Entry, readContainer, UnsoundFile } from "./container.ts";
import { lines } from "./exportSession.ts";
import { eventIn, type Manifest, manifestSchema } from "./manifest.ts";

/** Contents grow by no more than this when they are taken out; text and snapshots stay far below. */
const mostGrowth = 200;
const roomFor = 64 * 1024 ** 2;
const longestLine = 64 * 1024 ** 2;
const largestManifest = 64 * 1024 ** 2;
const largestArtifact = 256 * 1024 ** 2;
const batchBytes = 64 * 1024 ** 2;

type Here = { ports: Ports; dataDir: string };
export type Imported = { sessionId: SessionId; /** It was here already. */ known: boolean; renamed: boolean; state: SessionState };

export async function importSession(here: Here, file: string, workspace: string | undefined): Promise<Result<Imported>> {
  const checked = workspace === undefined ? undefined : await here.ports.workspace.check(workspace);
  if (checked && !checked.ok) return checked;
  const folder = checked?.value.path;
  await mkdir(here.dataDir, { recursive: true, mode: 0o700 });
  const temp = await mkdtemp(join(here.dataDir, "probe-import-"));
  const reader = readContainer(file);
  try {
    const { manifest, snapshots } = await unpack(reader, file, temp);
    const there = await stateThere(temp, manifest);
    const known = await knownAs(here.ports.store, manifest, folder);
    if (known?.same) return ok({ sessionId: manifest.sessionId, known: true, renamed: false, state: known.state });
    const sessionId = known ? here.ports.ids.next("s") : manifest.sessionId;
    const state = await takeIn(
      here,
      { temp, manifest, ...(snapshots ? { snapshots } : {}) },
      { sessionId, state: there, digest: manifest.digest, workspace: folder },
    );
    return ok({ sessionId, known: false, renamed: known !== undefined, state });
  } catch (error) {
    if (error instanceof UnsoundFile || error instanceof UnsoundPack) return fail("invalid", `Nothing was imported: ${error.message}.`);
    return fail("not_recorded", `The session could not be imported: ${messageOf(error)}`);
  } finally {
    reader.close();
    await rm(temp, { recursive: true, force: true });
  }
}

type Unpacked = { manifest: Manifest; snapshots?: { file: string; most: number } };

async function unpack(reader: ContainerReader, file: string, temp: string): Promise<Unpacked> {
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  const most = roomFor + size * mostGrowth;
  const { manifest } = await manifestIn(reader);
  const { bytes, artifacts } = manifest;
  const sum = artifacts.reduce((all, artifact) => all + artifact.bytes, bytes.events + bytes.snapshots);
  if (sum > most || artifacts.some((artifact) => artifact.bytes > largestArtifact))
    throw new UnsoundFile("it holds more than a file of its size can hold");
  const events = await expect(reader, { kind: "events", bytes: bytes.events, sha256: manifest.digest });
  await reader.into(events, join(temp, "events"));
  for (const [i, { hash, bytes: length }] of artifacts.entries())
    await reader.into(
      await expect(reader, { kind: "artifact", bytes: length, sha256: hash.slice("sha256:".length) }),
      join(temp, `artifact-${i}`),
    );
  const snapshots = manifest.commits.length === 0 ? undefined : join(temp, "snapshots");
  if (snapshots) await reader.into(await expect(reader, { kind: "snapshots", bytes: bytes.snapshots }), snapshots);
  if (await reader.next()) throw new UnsoundFile("it holds more than it says");
  return { manifest, ...(snapshots ? { snapshots: { file: snapshots, most } } : {}) };
}

async function manifestIn(reader: ContainerReader): Promise<{ manifest: Manifest }> {
  const entry = await reader.next();
  if (entry?.kind !== "manifest" || entry.bytes > largestManifest) throw new UnsoundFile("it does not begin with what it holds");
  const text = (await reader.content(entry)).toString("utf8");
  const read = manifestSchema.safeParse(jsonIn(text));
  if (!read.success) throw new UnsoundFile(`what it says of itself is wrong (${read.error.issues[0]?.path.join(".")})`);
  return { manifest: read.data };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new UnsoundFile("what it says of itself cannot be read");
  }
}

async function expect(reader: ContainerReader, wanted: Partial<Entry>): Promise<Entry> {
  const entry = await reader.next();
  for (const [key, value] of Object.entries(wanted))
    if (entry?.[key as keyof Entry] !== value) throw new UnsoundFile(`its ${wanted.kind} are not what it says`);
  return entry!;
}

/** Every event is looked at, and that together they are a session. */
async function stateThere(temp: string, manifest: Manifest): Promise<SessionState> {
  let state: SessionState | undefined;
  let seq = 0;
  for await (const line of eventLines(temp)) {
    seq += 1;
    const event = eventIn(line, seq, manifest);
    try {
      state = reduce(state, event);
    } catch {
      throw new UnsoundFile(`its event ${seq} is damaged`);
    }
  }
  if (!state || seq !== manifest.seq) throw new UnsoundFile(`it has ${seq} events and says ${manifest.seq}`);
  if (state.workspace !== manifest.workspace) throw new UnsoundFile("its events are not what it says");
  return state;
}

async function* eventLines(temp: string): AsyncGenerator<string> {
  const source = createReadStream(join(temp, "events"));
  let since = 0;
  source.on("data", (chunk) => {
    since = chunk.includes("\n") ? 0 : since + chunk.length;
    if (since > longestLine) source.destroy(new UnsoundFile("one of its events is too large"));
  });
  const read = createInterface({ input: source, crlfDelay: Infinity });
  const failed = new Promise<never>((_, reject) => source.once("error", reject));
  failed.catch(() => undefined);
  const all = read[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await Promise.race([all.next(), failed]);
    if (done) return;
    yield value;
  }
}

type Known = { same: boolean; state: SessionState };

/** What has this id here; the same where it is the one that was exported, or came from the same file. */
async function knownAs(store: StorePort, { sessionId, digest, seq }: Manifest, workspace: string | undefined): Promise<Known | undefined> {
  const found = await store.findSession(sessionId);
  if (found?.id !== sessionId) return undefined;
  let state: SessionState | undefined;
  for (const event of await store.read(sessionId)) state = reduce(state, event);
  if (!state) return undefined;
  const isThere = workspace === undefined || state.workspace === workspace;
  if (state.imported) return { same: isThere && state.imported.digest === digest, state };
  const hash = createHash("sha256");
  if (state.seq >= seq) for await (const chunk of lines(store, { ...state, seq })) hash.update(chunk);
  return { same: isThere && hash.digest("hex") === digest, state };
}

type Contents = Unpacked & { temp: string };

async function takeIn({ ports, dataDir }: Here, { temp, manifest, snapshots }: Contents, coming: Arrival): Promise<SessionState> {
  const { store } = ports;
  const { sessionId } = coming;
  const folder = coming.workspace ?? manifest.workspace;
  if (snapshots) await createBundles(dataDir).unpack(sessionId, folder, { commits: manifest.commits, ...snapshots });
  for (const [i, { hash }] of manifest.artifacts.entries()) await putArtifact(store, join(temp, `artifact-${i}`), hash as ContentHash);
  for (const document of manifest.documents)
    if (!(await store.getDocument(document.id))) await store.putDocument({ ...document, sessionId, hash: document.hash as ContentHash });
  const lease = await store.takeLease(sessionId);
  if (!lease.taken) throw new Error(`session ${sessionId} is in use by ${lease.by}`);
  try {
    return await record(ports, temp, manifest, coming);
  } catch (error) {
    await store.deleteSession(sessionId).catch(() => undefined);
    await ports.workspace.forget(sessionId, folder).catch(() => undefined);
    throw error;
  } finally {
    await store.dropLease(sessionId).catch(() => undefined);
  }
}

async function putArtifact(store: StorePort, file: string, hash: ContentHash): Promise<void> {
  const put = await store.putArtifact(await readFile(file));
  if (put.hash !== hash) throw new UnsoundFile(`its artifact ${hash} is damaged`);
}

/** In one piece, unless it is too large for that. */
async function record(ports: Ports, temp: string, manifest: Manifest, coming: Arrival): Promise<SessionState> {
  const { sessionId } = coming;
  const translate = await translatorFor(ports, coming);
  let state: SessionState | undefined;
  let batch: TraceEvent[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    await ports.store.append(sessionId, batch);
    [batch, size] = [[], 0];
  };
  let seq = 0;
  for await (const line of eventLines(temp)) {
    const event = translate(eventIn(line, ++seq, manifest));
    state = reduce(state, event);
    batch.push(event);
    size += line.length;
    if (size > batchBytes) await flush();
  }
  const { runId } = batch.at(-1) ?? { runId: "r_" as const };
  const timestamp = ports.clock.now();
  const all = async (): Promise<TraceEvent[]> => [...(await ports.store.read(sessionId)), ...batch];
  for (const draft of await arrival(ports, coming, state!, all)) {
    const next = state!.seq + 1;
    batch.push({ id: eventId(sessionId, next), runId, sessionId, timestamp, seq: next, ...draft });
    state = reduce(state, batch.at(-1)!);
  }
  await flush();
  await ports.store.saveSnapshot(sessionId, { seq: state!.seq, state: state! }).catch(() => undefined);
  return state!;
}
