// The form of an `.aosession` file: gzip over a first line and entries, each a line of JSON that says what follows and how
// long it is, then that many bytes. Nothing in it is a name of a file: what is taken out lies where the reader says.
// Both ways are streamed.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip, createGzip } from "node:zlib";

const firstLine = "agent-orchestrator session 1";
const longestHead = 256;
const chunkBytes = 1 << 20;

export const entryKinds = ["manifest", "events", "artifact", "snapshots"] as const;
export type EntryKind = (typeof entryKinds)[number];
export type Entry = { kind: EntryKind; bytes: number; sha256: string };

/** The file is not what it should be; the message says what is wrong with it. */
export class UnsoundFile extends Error {
  override name = "UnsoundFile";
}

export type ContainerWriter = {
  add(kind: EntryKind, content: Uint8Array | AsyncIterable<Uint8Array>, about: Omit<Entry, "kind">): Promise<void>;
  end(): Promise<void>;
};

export function writeContainer(file: string): ContainerWriter {
  const zip = createGzip();
  const out = createWriteStream(file, { mode: 0o600 });
  const done = once(out, "close");
  done.catch(() => undefined);
  zip.on("error", (error) => out.destroy(error));
  zip.pipe(out);
  const put = async (bytes: Uint8Array | string): Promise<void> => {
    if (!zip.write(bytes)) await Promise.race([once(zip, "drain"), done]);
  };
  const begun = put(`${firstLine}\n`);
  return {
    async add(kind, content, { bytes, sha256 }) {
      await begun;
      await put(`${JSON.stringify({ kind, bytes, sha256 })}\n`);
      if (content instanceof Uint8Array) await put(content);
      else for await (const chunk of content) await put(chunk);
    },
    async end() {
      zip.end();
      await done;
    },
  };
}

/** Reads what is in a file piece by piece; every fault of the file is an UnsoundFile. */
export type ContainerReader = {
  /** The head of the next entry; undefined at the end. */
  next(): Promise<Entry | undefined>;
  /** Its content, checked against its head. */
  content(entry: Entry): Promise<Buffer>;
  /** The same, into a file. */
  into(entry: Entry, file: string): Promise<void>;
  close(): void;
};

export function readContainer(file: string): ContainerReader {
  const { line, take, close } = openUnzipped(file);
  let begun = false;

  async function* bytesOf({ kind, bytes, sha256 }: Entry): AsyncGenerator<Buffer> {
    const hash = createHash("sha256");
    for (let left = bytes; left > 0;) {
      const chunk = await take(left);
      left -= chunk.length;
      hash.update(chunk);
      yield chunk;
    }
    if (hash.digest("hex") !== sha256) throw new UnsoundFile(`${file} is damaged: its ${kind} is not what it was`);
  }

  return {
    async next() {
      if (!begun && (await line()) !== firstLine)
        throw new UnsoundFile(`${file} is no session file, or of another version of this program`);
      begun = true;
      const head = await line();
      return head === undefined ? undefined : entryOf(file, head);
    },
    async content(entry) {
      const parts: Buffer[] = [];
      for await (const chunk of bytesOf(entry)) parts.push(Buffer.from(chunk));
      return Buffer.concat(parts);
    },
    async into(entry, target) {
      const out = await open(target, "wx", 0o600);
      try {
        for await (const chunk of bytesOf(entry)) await out.writeFile(chunk);
      } finally {
        await out.close();
      }
    },
    close,
  };
}

type Unzipped = {
  /** Undefined at the end. */
  line: () => Promise<string | undefined>;
  /** Some bytes, `most` at most. */
  take: (most: number) => Promise<Buffer>;
  close: () => void;
};

function openUnzipped(file: string): Unzipped {
  const source = createReadStream(file);
  const unzip = createGunzip();
  source.on("error", (error) => unzip.destroy(error));
  source.pipe(unzip);
  const chunks = unzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let rest: Buffer = Buffer.alloc(0);

  async function more(): Promise<boolean> {
    try {
      const { value, done } = await chunks.next();
      if (!done) rest = rest.length === 0 ? value : Buffer.concat([rest, value]);
      return !done;
    } catch {
      throw new UnsoundFile(`${file} is cut off, damaged, or no session file`);
    }
  }

  async function line(): Promise<string | undefined> {
    let end = rest.indexOf(10);
    while (end < 0 && rest.length <= longestHead && (await more())) end = rest.indexOf(10);
    if (end > longestHead || (end < 0 && rest.length > longestHead)) throw new UnsoundFile(`${file} is no session file`);
    if (end < 0 && rest.length > 0) throw new UnsoundFile(`${file} is cut off`);
    const text = rest.toString("utf8", 0, end);
    rest = rest.subarray(end + 1);
    return end < 0 ? undefined : text;
  }

  async function take(most: number): Promise<Buffer> {
    if (rest.length === 0 && !(await more())) throw new UnsoundFile(`${file} is cut off`);
    const chunk = rest.subarray(0, most);
    rest = rest.subarray(chunk.length);
    return chunk;
  }

  const close = (): void => {
    source.destroy();
    unzip.destroy();
  };
  return { line, take, close };
}

function entryOf(file: string, head: string): Entry {
  try {
    const { kind, bytes, sha256 } = JSON.parse(head) as Partial<Entry>;
    const isEntry = entryKinds.some((one) => one === kind) && Number.isSafeInteger(bytes) && bytes! >= 0;
    if (isEntry && typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256)) return { kind: kind!, bytes: bytes!, sha256 };
  } catch {
    // Said below.
  }
  throw new UnsoundFile(`${file} is damaged`);
}

/** A file's bytes as they are written; what a container needs to know of them beforehand is `measure`. */
export async function measure(chunks: AsyncIterable<Uint8Array>): Promise<Omit<Entry, "kind">> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

export function fileChunks(file: string): AsyncIterable<Uint8Array> {
  return createReadStream(file, { highWaterMark: chunkBytes });
}
