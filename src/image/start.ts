/** Reads bytes of a file: from memory where it is there already, else piece by piece beyond the 2 GiB of one system call. Knows no format. */
import { open } from "node:fs/promises";
import { damaged, type ImageFile } from "./codec.js";

const ONE_CALL = 2 ** 30;

/** Reads exactly so many bytes. Rejects with an ImageError where the file ends before. */
export type ReadAt = (at: number, length: number) => Promise<Buffer>;

/** The file's first bytes. Rejects with an ImageError where the file has become shorter. */
export function readStart(file: ImageFile, bytes = file.bytes): Promise<Buffer> {
  return withBytes(file, (readAt) => readAt(0, bytes));
}

/** Opens the file while `use` is at work. What it reads is its own to change. */
export async function withBytes<T>({ path, whole }: ImageFile, use: (readAt: ReadAt) => Promise<T>): Promise<T> {
  if (whole !== undefined) {
    return use(async (at, length) => {
      if (at + length > whole.length) throw ended(whole.length, at + length);
      return Buffer.from(whole.subarray(at, at + length));
    });
  }
  const handle = await open(path);
  try {
    return await use(async (at, length) => {
      const buffer = Buffer.allocUnsafe(length);
      for (let done = 0; done < length; ) {
        const { bytesRead } = await handle.read(buffer, done, Math.min(ONE_CALL, length - done), at + done);
        if (bytesRead === 0) throw ended(at + done, at + length);
        done += bytesRead;
      }
      return buffer;
    });
  } finally {
    await handle.close();
  }
}

function ended(at: number, needed: number) {
  return damaged(`the file ends at byte ${at}, where ${needed} bytes are needed`);
}
