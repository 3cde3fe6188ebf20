// Images that a person attached: checked, and kept as artifacts, so that the record names them by hash.

import type { StorePort } from "../../core/ports.ts";
import type { ImageRef } from "../../protocol/events.ts";
import type { Attachment } from "../../protocol/panel.ts";

const dataUrl = /^data:(image\/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/]+={0,2})$/;
/** What models take at most, in base64. */
const mostCharacters = 5 * 1024 * 1024;

/** The label of one that cannot be used, if there is one. */
export function unusableImage(attachments: Attachment[]): string | undefined {
  return attachments.find(({ kind, data = "" }) => kind === "image" && (data.length > mostCharacters || !dataUrl.test(data)))?.label;
}

export async function keepImages(store: Pick<StorePort, "putArtifact">, attachments: Attachment[]): Promise<ImageRef[]> {
  const kept = attachments.map(async ({ kind, data = "", label }) => {
    const [, mediaType, base64] = (kind === "image" && dataUrl.exec(data)) || [];
    return mediaType && base64 ? [{ artifact: (await store.putArtifact(base64)).hash, mediaType, label }] : [];
  });
  return (await Promise.all(kept)).flat();
}
