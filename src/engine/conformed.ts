/**
 * Remembers beside the store which values conformed to which schema, so that a start with known ones need not load ajv. What
 * is lost here is checked again. Knows neither.
 */
import { appendFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Conformed } from "../nodetype/conform.js";

/** Of the file; past it, remembering starts anew. */
const MOST_BYTES = 256 * 1024;

/** The memory of the store in `folder`. Where there is no store yet, or none that may be written, nothing is kept. */
export function openConformed(folder: string): Conformed {
  const file = join(folder, "conformed");
  const text = readOrNothing(file);
  if (text.length > MOST_BYTES) rmSync(file, { force: true });
  const known = new Set(text.split("\n"));
  let added: string[] = [];
  const write = (): void => {
    const lines = added.map((digest) => `${digest}\n`).join("");
    added = [];
    try {
      appendFileSync(file, lines);
    } catch {
      // Without a store to write to, the next start checks again.
    }
  };
  return {
    has: (digest) => known.has(digest),
    add(digest) {
      known.add(digest);
      // All that a check of a graph adds in one go.
      if (added.push(digest) === 1) queueMicrotask(write);
    },
  };
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
