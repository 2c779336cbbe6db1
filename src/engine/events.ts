/** What happens in an engine, for any number of listeners: who comes late gets the state first. Shows nothing. */
import type { CookEvent, EventSink } from "../event/event.js";
import { Tally } from "../report/tally.js";

export class Events {
  readonly #listeners = new Set<EventSink>();
  /** The state, as far as it follows from events: up to date whenever a listener is called. */
  readonly tally = new Tally();

  /** Tells all listeners. */
  readonly sink: EventSink = (event) => {
    this.tally.add(event);
    for (const listener of this.#listeners) listener(event);
  };

  /** From now on it hears of all that happens, of a cook under way beginning with its state. Returns how it leaves. */
  subscribe(listener: EventSink): () => void {
    const snapshot = this.snapshot();
    if (snapshot !== undefined) listener(snapshot);
    // One of its own, so that whoever comes twice may leave once.
    const own: EventSink = (event) => listener(event);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** What a cook under way has come to: an event that stands for all before it; undefined where none is. */
  snapshot(): Extract<CookEvent, { type: "snapshot" }> | undefined {
    return this.tally.snapshot();
  }
}
