/**
 * Figures and images of an item's steps, kept beside its log: a line of JSON each in `NAME.steps.jsonl`, images copied into
 * `NAME.steps/`. Knows one task's paths. What cannot be written is left out: a full disk must not change how an item ends.
 */
import { appendFileSync, copyFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { NodeError } from "../base/error.js";
import type { CookContext } from "../nodetype/define.js";
import type { CookTask } from "./protocol.js";

export function openSteps({
  log,
  directory,
}: Pick<CookTask, "log" | "directory">): Pick<CookContext, "metric" | "image"> {
  const base = log.replace(/\.log$/, "");
  const keep = (record: object): void => {
    try {
      mkdirSync(dirname(base), { recursive: true });
      appendFileSync(`${base}.steps.jsonl`, `${JSON.stringify({ ...record, time: Date.now() })}\n`);
    } catch {}
  };
  return {
    metric(name, value, step) {
      keep({ metric: name, value: Number.isFinite(value) ? value : String(value), step });
    },
    image(name, path, step) {
      const from = join(directory, path);
      if (!existsSync(from)) throw new NodeError(`The image "${path}" was not written.`);
      const file = `${name.replace(/[^A-Za-z0-9_-]/g, "_")}_${step}${extname(path)}`;
      try {
        mkdirSync(`${base}.steps`, { recursive: true });
        copyFileSync(from, join(`${base}.steps`, file));
      } catch {
        return;
      }
      keep({ image: name, file, step });
    },
  };
}
