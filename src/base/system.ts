/**
 * What differs between Linux, macOS and Windows, one function for each question. Each takes the system that is asked about, so that
 * the answers for all of them can be tested on one. Sockets have a file of their own.
 */
import { homedir } from "node:os";
import { posix, sep, win32 } from "node:path";

type Platform = NodeJS.Platform;

/** A path of this system with `/` between its parts. */
export function slashed(path: string, separator: string = sep): string {
  return separator === "/" ? path : path.replaceAll(separator, "/");
}

/** Whether an absolute path lies in a folder; both as `resolve` writes them. */
export function isBelow(path: string, folder: string, separator: string = sep): boolean {
  return path.startsWith(folder.endsWith(separator) ? folder : `${folder}${separator}`);
}

/** Whether a path has a drive, which means nothing on this system. */
export function isForeignPath(path: string, separator: string = sep): boolean {
  return separator === "/" && /^[A-Za-z]:[/\\]/.test(path);
}

/** Whether a process can lead a group, which is signalled as one. */
export function hasGroups(platform: Platform = process.platform): boolean {
  return platform !== "win32";
}

/** Whom to signal so that a process ends with all that it started: its group where it leads one, then itself. */
export function groupOf(pid: number, platform: Platform = process.platform): readonly number[] {
  return hasGroups(platform) ? [-pid, pid] : [pid];
}

/** The folder in which the user's programs keep what can be made again. */
export function cacheFolder(
  environment: NodeJS.ProcessEnv = process.env,
  platform: Platform = process.platform,
  home: string = homedir(),
): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = environment;
  if (platform === "win32") return LOCALAPPDATA || win32.join(home, "AppData", "Local");
  return XDG_CACHE_HOME || posix.join(home, ...(platform === "darwin" ? ["Library", "Caches"] : [".cache"]));
}

export function isLinux(platform: Platform = process.platform): boolean {
  return platform === "linux";
}

/** Whether the system has a file for each graphics card, so that its absence tells that there is none. */
export function hasDeviceFiles(platform: Platform = process.platform): boolean {
  return isLinux(platform);
}
