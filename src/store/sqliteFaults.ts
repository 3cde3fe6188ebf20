// SQLite's result codes, and what they mean for the person at the other end.

import { StoreConflict } from "../core/ports.ts";
import { messageOf } from "../protocol/result.ts";
import { StoreFailure } from "./failure.ts";
import type { Fault } from "./sqliteProtocol.ts";

export const damaged: Fault = {
  code: "corrupt",
  message: "The data folder's database is damaged, so nothing more is done: start the program again, and what can be read is recovered.",
};

/** By primary result code (the low byte of SQLite's `errcode`). */
const faults: Record<number, Fault> = {
  5: { code: "busy", message: "Another program has held the data folder's database for too long: end it or try again." },
  6: { code: "busy", message: "Another program has held the data folder's database for too long: end it or try again." },
  8: { code: "read_only", message: "The data folder's database cannot be written: check its permissions, or set AO_DATA_DIR." },
  10: { code: "io", message: "The disk failed while the data folder's database was read or written: check the disk." },
  11: damaged,
  13: { code: "full", message: "The disk with the data folder is full: make room and resume the session." },
  14: { code: "io", message: "The data folder's database cannot be opened: check the folder's permissions, or set AO_DATA_DIR." },
  26: damaged,
};

export function faultOf(error: unknown): Fault {
  if (error instanceof StoreConflict) return { code: "conflict", message: error.message };
  if (error instanceof StoreFailure) return { code: error.code, message: error.message };
  const { fault, errcode, code } = error as { fault?: Fault; errcode?: number; code?: string };
  if (fault) return fault;
  if (errcode !== undefined) return faults[errcode & 0xff] ?? { code: "failed", message: `The store failed: ${messageOf(error)}` };
  if (code === "EACCES" || code === "EPERM" || code === "EROFS")
    return {
      code: "read_only",
      message: `The data folder cannot be written (${messageOf(error)}): check its permissions, or set AO_DATA_DIR.`,
    };
  if (code === "ENOSPC") return { code: "full", message: faults[13]!.message };
  return { code: "failed", message: `The store failed: ${messageOf(error)}` };
}

export function errorOf(fault: Fault): Error {
  return fault.code === "conflict" ? new StoreConflict(fault.message) : new StoreFailure(fault.code, fault.message);
}
