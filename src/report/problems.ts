/** What a user is told of a cook as it goes, beside its progress: failures, warnings, pauses. Knows events, no terminal. */
import { dirname, relative } from "node:path";
import { formatBytes } from "../base/size.js";
import type { CookEvent, UserNotice } from "../event/event.js";
import { failureLines } from "./failure.js";
import { counted } from "./text.js";

/** Failures of a node that are told one by one: where all items fail, they fail of one thing. */
const MOST_FAILURES = 10;

interface Failed {
  count: number;
  /** The folder of the logs. */
  logs: string;
}

export class Problems {
  /** By node. */
  readonly #failed = new Map<string, Failed>();

  /** Lines about an event. */
  lines(event: CookEvent): readonly string[] {
    if (event.type === "cook_started") this.#failed.clear();
    if (event.type === "item_failed") return this.#failure(event);
    if (event.type === "cook_finished") return this.#untold();
    return problemLines(event);
  }

  #failure({ item, failure }: Extract<CookEvent, { type: "item_failed" }>): readonly string[] {
    const failed = this.#failed.get(item.node) ?? { count: 0, logs: "" };
    failed.count += 1;
    if (failure.log !== "") failed.logs = dirname(failure.log);
    this.#failed.set(item.node, failed);
    return failed.count > MOST_FAILURES ? [] : failureLines(item, failure);
  }

  #untold(): readonly string[] {
    return [...this.#failed].flatMap(([node, { count, logs }]) => {
      if (count <= MOST_FAILURES) return [];
      const where = logs === "" ? "" : `; their logs are in ${logs}`;
      return [`Failed: ${counted(count - MOST_FAILURES, "more item")} of node "${node}"${where}`];
    });
  }
}

/** What is told beside the cook, for people. */
export function noticeText(notice: UserNotice): string {
  if (notice.type === "diagnostic") return notice.text;
  return notice.severity === "warning" ? `Warning: ${notice.message}` : notice.message;
}

function problemLines(event: CookEvent): string[] {
  if (event.type === "diagnostic" || event.type === "notice") return [noticeText(event)];
  if (event.type === "node_failed") return [`Failed: node "${event.node}": ${event.message}`];
  if (event.type === "output_placed" && event.how === "placed_beside_edited") {
    return [`Warning: ${event.path} was edited, or was there before; what it was is beside it as .edited`];
  }
  if (event.type === "disk_low") {
    return [
      `Paused: ${formatBytes(event.free)} are free on the disk of ${event.path}. What runs goes on, and nothing more is started ` +
        `until ${formatBytes(event.wanted)} are free.`,
    ];
  }
  if (event.type === "disk_room") return [`Goes on: ${formatBytes(event.free)} are free on the disk of ${event.path}.`];
  if (event.type === "warning") return [`Warning: ${event.node}: ${event.message}`];
  if (event.type === "watch_changed") return [changedLine(event.paths)];
  if (event.type === "watch_waiting") return ["Waiting for changes; Ctrl-C ends."];
  return [];
}

/** A few of the paths that changed, as they are seen from here. */
function changedLine(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).map((path) => relative(process.cwd(), path));
  const more = paths.length > shown.length ? ` and ${paths.length - shown.length} more` : "";
  return `Changed: ${shown.join(", ")}${more}`;
}
