// Images that a person attached: checked, and kept as artifacts, so that the record names them by hash.

import type { StorePort } from "../../core/ports.ts";
import type { ImageRef } from "../../protocol/events.ts";
import type { Attachment } from "../../protocol/panel.ts";

const dataUrl = /^data:(image\/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/]+={0,2})$/;
/** How a file of each kind begins, in base64: a provider refuses whatever only claims to be one, at every resume again. */
const beginnings: Record<string, string> = {
  "image/png": "iVBORw0KGgo",
  "image/jpeg": "/9j/",
  "image/gif": "R0lGOD",
  "image/webp": "UklGR",
};
/** What models take at most, in base64. */
const mostCharacters = 5 * 1024 * 1024;
const mostImages = 8;

type Image = { mediaType: string; base64: string; label: string };

/** Why the images of a prompt cannot be sent, if so. */
export function faultOfImages(attachments: Attachment[]): string | undefined {
  const images = attachments.filter(({ kind }) => kind === "image");
  if (images.length > mostImages) return `At most ${mostImages} images can go with one prompt.`;
  const bad = images.find((one) => imageIn(one) === undefined);
  return bad && `${bad.label} cannot be sent: attach a PNG, JPEG, GIF or WebP image of at most 3.5 MB.`;
}

export async function keepImages(store: Pick<StorePort, "putArtifact">, attachments: Attachment[]): Promise<ImageRef[]> {
  const images = attachments.map(imageIn).filter((image) => image !== undefined);
  return Promise.all(
    images.map(async ({ mediaType, base64, label }) => ({ artifact: (await store.putArtifact(base64)).hash, mediaType, label })),
  );
}

function imageIn({ kind, data = "", label }: Attachment): Image | undefined {
  if (kind !== "image" || data.length > mostCharacters) return undefined;
  const [, mediaType = "", base64 = ""] = dataUrl.exec(data) ?? [];
  return base64.startsWith(beginnings[mediaType] ?? " ") ? { mediaType, base64, label } : undefined;
}
