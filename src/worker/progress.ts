/** Live figures, at most ten times a second: the first at once, then the latest of each tenth. It knows no channel. */
import type { Figures } from "./protocol.js";

const INTERVAL_MS = 100;

export interface Throttle {
  progress(figures: Readonly<Record<string, number | string | undefined>>): void;
  /** Sends what waits; nothing is sent after it. */
  close(): void;
}

/** A throttle in front of `send`. Without the event loop's help (a busy cook) figures still pass when the time is up. */
export function createThrottle(send: (figures: Figures) => void): Throttle {
  let waiting: Figures | undefined;
  let last = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting === undefined) return;
    send(waiting);
    waiting = undefined;
    last = performance.now();
  };
  return {
    progress(figures) {
      if (closed) return;
      waiting = plain(figures);
      const due = last + INTERVAL_MS - performance.now();
      if (due <= 0) flush();
      else timer ??= setTimeout(flush, due);
    },
    close() {
      flush();
      closed = true;
    },
  };
}

function plain(figures: Readonly<Record<string, number | string | undefined>>): Figures {
  const sent: Record<string, number | string> = {};
  for (const [name, figure] of Object.entries(figures)) {
    if (typeof figure === "number") sent[name] = Number.isFinite(figure) ? figure : String(figure);
    else if (figure !== undefined) sent[name] = String(figure);
  }
  return sent;
}
