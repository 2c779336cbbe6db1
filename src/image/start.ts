/** Reads the first bytes of a file, or all of them, also beyond the 2 GiB of one system call. Knows no format. */
import { open } from "node:fs/promises";
import { damaged } from "./codec.js";

const ONE_CALL = 2 ** 30;

/** Rejects with an ImageError where the file has become shorter. */
export async function readStart(path: string, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes);
  const file = await open(path);
  try {
    for (let at = 0; at < bytes; ) {
      const { bytesRead } = await file.read(buffer, at, Math.min(ONE_CALL, bytes - at), at);
      if (bytesRead === 0) throw damaged(`it became shorter while it was read`);
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
  return buffer;
}
