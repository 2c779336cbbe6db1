/**
 * A door to the engine that cooks with a store: another process puts a question into a folder beside the lock, and reads the
 * answer there. It knows nothing of what is asked. Files, since a socket needs a short path and a file system that has them.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../base/clock.js";
import type { Files } from "../base/files.js";
import { type Host, holderOf } from "./lock.js";

const LOOK_MS = 100;
/** More is no question. */
const LONGEST = 65_536;
const [ASKED, ANSWERED] = [".asked", ".answered"];

export interface DoorParts {
  /** The store's folder. */
  readonly folder: string;
  readonly files: Files;
  readonly host: Host;
}

/** Answers questions, for the holder of the lock, until what it returns is called. Both are JSON values. */
export function openDoor(parts: DoorParts, clock: Clock, answer: (question: unknown) => unknown): () => void {
  const { files } = parts;
  const [door, own] = [doorOf(parts), holder(parts)];
  const removeAll = (kind: string): void => {
    for (const name of files.list(door)) if (name.endsWith(kind)) files.remove(join(door, name));
  };
  let stop = () => {};
  removeAll(ANSWERED); // nobody waited for them any more
  const look = (): void => {
    for (const name of files.list(door)) {
      if (!name.endsWith(ASKED)) continue;
      const path = join(door, name);
      const asked = questionIn(files, path);
      files.remove(path);
      // One that was asked of an engine before this one is nothing to it.
      if (asked === undefined || asked.holder !== own) continue;
      files.write(`${path.slice(0, -ASKED.length)}${ANSWERED}`, JSON.stringify(answer(asked.question)));
    }
    stop = clock.after(LOOK_MS, look);
  };
  look();
  return () => {
    stop();
    // What was answered is still to be read: an item that was stopped may be the cook's last.
    removeAll(ASKED);
    if (files.list(door).length === 0) files.remove(door);
  };
}

/** The answer of the engine that cooks with the store; undefined where none does, or where it ended without a word. */
export async function ask(parts: DoorParts, question: unknown): Promise<unknown> {
  const { files } = parts;
  const asked = holder(parts);
  if (asked === undefined) return undefined;
  const door = doorOf(parts);
  const path = join(door, randomUUID());
  files.makeDirectory(door);
  files.write(`${path}${ASKED}`, JSON.stringify({ holder: asked, question }));
  const isAnswered = (): boolean => files.stat(`${path}${ANSWERED}`) !== undefined;
  try {
    while (!isAnswered()) {
      // It may have answered just before it ended.
      if (holder(parts) !== asked && !isAnswered()) return undefined;
      await pause(LOOK_MS / 2);
    }
    return JSON.parse(Buffer.from(files.read(`${path}${ANSWERED}`)).toString("utf8"));
  } finally {
    for (const kind of [ASKED, ANSWERED]) files.remove(`${path}${kind}`);
  }
}

function doorOf({ folder }: DoorParts): string {
  return join(folder, "door");
}

function holder({ files, folder, host }: DoorParts): string | undefined {
  return JSON.stringify(holderOf(files, folder, host));
}

/** Undefined for what is no question: anybody who may write into the store may write into its door. */
function questionIn(
  files: Files,
  path: string,
): { readonly holder?: unknown; readonly question?: unknown } | undefined {
  try {
    if ((files.stat(path)?.size ?? 0) > LONGEST) return undefined;
    const parsed: unknown = JSON.parse(Buffer.from(files.read(path)).toString("utf8"));
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
