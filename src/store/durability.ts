/**
 * Rounds of fsync: what was committed is on the disk for sure within 20 ms or 256 results, many sharing a round. Until then a
 * loss of power, and nothing else, can take it back. Knows neither results nor files.
 */
import type { Clock } from "../base/clock.js";

/** What is committed waits this long for others at most. */
const PATIENCE_MS = 20;
/** So many do not wait. */
const MANY = 256;

export interface DurabilityParts {
  readonly clock: Pick<Clock, "after">;
  /** Makes durable all that was committed before the call. */
  sync(): Promise<void>;
  /** A round failed. */
  failed(error: unknown): void;
}

export class Durability {
  readonly #parts: DurabilityParts;
  #committed = 0;
  #round: Promise<void> | undefined;
  #callOff: () => void = () => {};

  constructor(parts: DurabilityParts) {
    this.#parts = parts;
  }

  /** So many results, or other changes, were committed. */
  add(count: number): void {
    const wasEmpty = this.#committed === 0;
    this.#committed += count;
    if (this.#round === undefined) this.#wait(wasEmpty);
  }

  /** All that was committed by now is durable when it resolves, unless that fails. */
  async sync(): Promise<void> {
    await this.#round;
    if (this.#committed > 0) await (this.#round ?? this.#begin());
  }

  #wait(fresh: boolean): void {
    if (this.#committed >= MANY) void this.#begin();
    else if (fresh && this.#committed > 0)
      this.#callOff = this.#parts.clock.after(PATIENCE_MS, () => void this.#begin());
  }

  #begin(): Promise<void> {
    this.#callOff();
    this.#committed = 0;
    this.#round = this.#parts
      .sync()
      .catch((error: unknown) => this.#parts.failed(error))
      .then(() => {
        this.#round = undefined;
        this.#wait(true);
      });
    return this.#round;
  }
}
