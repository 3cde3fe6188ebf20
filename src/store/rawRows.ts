// The rows on a database's leaf pages, read one by one without the tree above them: what is damaged elsewhere costs none
// of them, and one that is damaged itself is left out. A row is taken only when every length in it adds up.

import type { Pages } from "./rawPages.ts";

export type Value = null | number | bigint | string | Uint8Array;
export type RawRow = { of: "table" | "index"; rowid: number; values: Value[]; page: number; cell: number };

const tableLeaf = 13;
const indexLeaf = 10;
const leafHeader = 8;

/** Every row that can be read, in no order. */
export function* rawRows(pages: Pages): Generator<RawRow> {
  // The first page and what it leads to only describe the tables: ours are known.
  for (let page = 2; page <= pages.count; page++) {
    const content = pages.read(page);
    if (!content || (content[0] !== tableLeaf && content[0] !== indexLeaf)) continue;
    const cells = content.readUInt16BE(3);
    for (let cell = 0; cell < cells && leafHeader + 2 * cell + 2 <= content.length; cell++) {
      const row = rowIn(pages, content, page, cell);
      if (row) yield row;
    }
  }
}

export function rawRow(pages: Pages, page: number, cell: number): RawRow | undefined {
  const content = pages.read(page);
  return content && rowIn(pages, content, page, cell);
}

function rowIn(pages: Pages, content: Buffer, page: number, cell: number): RawRow | undefined {
  try {
    const isTable = content[0] === tableLeaf;
    let at = content.readUInt16BE(leafHeader + 2 * cell);
    const [length, afterLength] = varint(content, at);
    at = afterLength;
    let rowid = 0;
    if (isTable) [rowid, at] = varint(content, at);
    const record = payload(pages, content, at, length, isTable);
    const values = record && valuesOf(record);
    return values && { of: isTable ? "table" : "index", rowid, values, page, cell };
  } catch (error) {
    // A length that leads out of the page.
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** What does not fit its page goes on in a chain of others. */
function payload(pages: Pages, content: Buffer, at: number, length: number, isTable: boolean): Buffer | undefined {
  const { size, count } = pages;
  const most = isTable ? size - 35 : Math.floor(((size - 12) * 64) / 255) - 23;
  if (length <= most) return at + length <= size ? content.subarray(at, at + length) : undefined;
  if (length > count * size) return undefined;
  const least = Math.floor(((size - 12) * 32) / 255) - 23;
  const wished = least + ((length - least) % (size - 4));
  const local = wished <= most ? wished : least;
  const whole = Buffer.alloc(length);
  let filled = content.copy(whole, 0, at, at + local);
  let next = content.readUInt32BE(at + local);
  while (filled < length) {
    const more = next > 1 && next <= count ? pages.read(next) : undefined;
    if (!more) return undefined;
    filled += more.copy(whole, filled, 4, Math.min(size, 4 + length - filled));
    next = more.readUInt32BE(0);
  }
  return next === 0 ? whole : undefined;
}

function valuesOf(record: Buffer): Value[] | undefined {
  const [headerLength, first] = varint(record, 0);
  const values: Value[] = [];
  let at = headerLength;
  let head = first;
  while (head < headerLength) {
    const [type, next] = varint(record, head);
    const bytes = bytesOf(type);
    if (at + bytes > record.length) return undefined;
    values.push(valueOf(type, record, at, bytes));
    at += bytes;
    head = next;
  }
  return head === headerLength && at === record.length ? values : undefined;
}

const fixed = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

function bytesOf(type: number): number {
  if (type === 10 || type === 11) throw new RangeError("no type of a value");
  return fixed[type] ?? (type - (type % 2 === 0 ? 12 : 13)) / 2;
}

// Throws a TypeError where the bytes are no text.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function valueOf(type: number, record: Buffer, at: number, bytes: number): Value {
  if (type === 0) return null;
  if (type <= 5) return record.readIntBE(at, bytes);
  if (type === 6) return record.readBigInt64BE(at);
  if (type === 7) return record.readDoubleBE(at);
  if (type <= 9) return type - 8;
  const content = record.subarray(at, at + bytes);
  return type % 2 === 0 ? Uint8Array.from(content) : utf8.decode(content);
}

/** Seven bits a byte, eight in the ninth. Nothing of ours is beyond a safe integer. */
function varint(bytes: Buffer, at: number): [value: number, next: number] {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = bytes.readUInt8(at + i);
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, at + i + 1];
  }
  throw new RangeError("no number of ours");
}
