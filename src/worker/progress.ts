/** Live figures, at most ten times a second: the first at once, then the latest of each tenth. It knows no channel. */
import type { ProgressValues } from "./protocol.js";

const INTERVAL_MS = 100;

/** In front of `send`. Without the event loop's help (a busy cook) figures still pass when the time is up. */
export class Throttle {
  readonly #send: (figures: ProgressValues) => void;
  #waiting: ProgressValues | undefined;
  #last = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(send: (figures: ProgressValues) => void) {
    this.#send = send;
  }

  progress(figures: Readonly<Record<string, number | string | undefined>>): void {
    if (this.#closed) return;
    this.#waiting = plain(figures);
    const due = this.#last + INTERVAL_MS - performance.now();
    if (due <= 0) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), due);
  }

  /** Sends what waits; nothing is sent after it. */
  close(): void {
    this.#flush();
    this.#closed = true;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting === undefined) return;
    this.#send(this.#waiting);
    this.#waiting = undefined;
    this.#last = performance.now();
  }
}

function plain(figures: Readonly<Record<string, number | string | undefined>>): ProgressValues {
  const sent: Record<string, number | string> = {};
  for (const [name, figure] of Object.entries(figures)) {
    if (typeof figure === "number") sent[name] = Number.isFinite(figure) ? figure : String(figure);
    else if (figure !== undefined) sent[name] = String(figure);
  }
  return sent;
}
