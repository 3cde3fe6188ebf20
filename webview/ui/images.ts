// Images a person attaches, read into the message; too large ones are refused with the reason.

import type { Attachment } from "../../src/protocol/panel.ts";

const mostBytes = 4 * 1024 * 1024;

export async function readImages(files: File[]): Promise<{ images: Attachment[]; refused?: string }> {
  const small = files.filter(({ size }) => size <= mostBytes);
  const images = await Promise.all(
    small.map(async (file): Promise<Attachment> => ({ kind: "image", label: file.name || "image", data: await asDataUrl(file) })),
  );
  const large = files.find(({ size }) => size > mostBytes);
  return large ? { images, refused: `${large.name} is larger than 4 MB; attach a smaller image.` } : { images };
}

function asDataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result as string));
    reader.addEventListener("error", () => reject(reader.error ?? new Error("unreadable")));
    reader.readAsDataURL(file);
  });
}
