// The bytes of a request's body. They may be made ahead of sending, while the store is still writing down that the
// request is about to be made: on a long conversation that is the larger part of a turn's own work.

import type { ModelRequest } from "../core/ports.ts";

export type PreparedBody = {
  prepare(model: string, request: ModelRequest): void;
  /** The prepared bytes, once; otherwise made now. */
  take(model: string, request: ModelRequest): Buffer;
};

export function preparedBody(write: (model: string, request: ModelRequest) => Buffer): PreparedBody {
  const ready = new WeakMap<ModelRequest, Buffer>();
  return {
    prepare: (model, request) => void ready.set(request, write(model, request)),
    take(model, request) {
      const bytes = ready.get(request) ?? write(model, request);
      ready.delete(request);
      return bytes;
    },
  };
}
