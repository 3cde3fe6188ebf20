// Images a person attaches, read into the message; too large ones are refused with the reason.

import type { Attachment } from "../../src/protocol/panel.ts";

const mostBytes = 3.5 * 1024 * 1024;
const readable = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

export async function readImages(files: File[]): Promise<{ images: Attachment[]; refused?: string }> {
  const small = files.filter(({ size, type }) => size <= mostBytes && readable.has(type));
  const images = await Promise.all(
    small.map(async (file): Promise<Attachment> => ({ kind: "image", label: file.name || "image", data: await asDataUrl(file) })),
  );
  const other = files.find(({ type }) => !readable.has(type));
  if (other) return { images, refused: `${other.name} is no PNG, JPEG, GIF or WebP image; models cannot see it.` };
  const large = files.find(({ size }) => size > mostBytes);
  return large ? { images, refused: `${large.name} is larger than 3.5 MB; attach a smaller image.` } : { images };
}

function asDataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result as string));
    reader.addEventListener("error", () => reject(reader.error ?? new Error("unreadable")));
    reader.readAsDataURL(file);
  });
}
