/** Where a process listens for others of its user: a place that nobody else may reach. Knows systems, not what is said. */
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { UserError } from "./error.js";

/** What decides where sockets are; a test gives its own. */
export interface System {
  readonly platform: NodeJS.Platform;
  /** `$XDG_RUNTIME_DIR`: the user's own folder, as long as he is logged in. */
  readonly runtimeFolder: string | undefined;
  readonly temporaryFolder: string;
}

/** A place to listen at. */
export interface SocketPlace {
  readonly path: string;
  /** The private folder that the socket has for itself; undefined for a pipe, which lies in no folder. */
  readonly folder: string | undefined;
}

export function thisSystem(): System {
  const { platform, env } = process;
  return { platform, runtimeFolder: env.XDG_RUNTIME_DIR, temporaryFolder: tmpdir() };
}

/**
 * Places for a socket of a name that nobody can guess, the best first; a later one is for where a folder is not there, or another
 * user's. Windows has named pipes; elsewhere a socket is a file, whose path ends at 107 bytes (Linux: `sockaddr_un` has 108, with the
 * zero at its end) or 103 (macOS, BSD: 104).
 */
export function socketPlaces(name: string, { platform, runtimeFolder, temporaryFolder }: System): SocketPlace[] {
  if (platform === "win32") return [{ path: `\\\\.\\pipe\\dag-${name}`, folder: undefined }];
  const longest = platform === "linux" ? 107 : 103;
  const around = [...new Set([runtimeFolder, temporaryFolder, "/tmp"])].filter((one) => one !== undefined);
  const places = around.filter(isAbsolute).flatMap((one) => {
    const folder = join(one, `dag-${name}`);
    const path = join(folder, "engine");
    return Buffer.byteLength(path) <= longest ? [{ path, folder }] : [];
  });
  if (places.length > 0) return places;
  throw new UserError(`The path of a socket in ${temporaryFolder} is too long. Set TMPDIR to a shorter one.`, 3);
}

/** Makes the folder that only its user may enter. Throws where it is there already: nobody knew its name. */
export function makePrivate(folder: string): void {
  mkdirSync(folder, { mode: 0o700 });
  // A mask may have taken from it, never given.
  chmodSync(folder, 0o700);
}

/** Removes a socket and its folder, of an engine that is over. */
export function removePlace({ folder }: SocketPlace): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
