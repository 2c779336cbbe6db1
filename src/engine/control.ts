/** A living engine's side of the channel: what it does with each request. Knows the cook under way; not how requests come here. */
import { UserError } from "../base/error.js";
import type { Cook } from "../cook/cook.js";
import type { Store } from "../store/store.js";
import { type Caller, openChannel } from "./channel.js";
import type { Events } from "./events.js";
import {
  asRequest,
  type ControlRequest,
  type ItemStatus,
  LONGEST_REQUEST,
  type Response,
  type Responses,
} from "./requests.js";

export interface ControlParts {
  readonly store: Store;
  /** What is cooked, relative to the project. */
  readonly graph: string;
  /** The digest of the options that it is cooked with. */
  readonly options: string;
  readonly events: Events;
}

export class Control {
  readonly #parts: ControlParts;
  /** The latest cook. */
  #cook: Cook | undefined;
  #isCooking = false;
  /** Has a watch cook again. */
  #again: (() => void) | undefined;
  #close: () => Promise<void> = async () => {};

  constructor(parts: ControlParts) {
    this.#parts = parts;
    parts.events.subscribe((event) => {
      if (event.type === "cook_started") this.#isCooking = true;
      if (event.type === "cook_finished") this.#isCooking = false;
    });
  }

  /** Listens. */
  async open(): Promise<void> {
    const received = (message: unknown, caller: Caller): void => void this.#received(message, caller);
    this.#close = await openChannel({ folder: this.#parts.store.folder, longest: LONGEST_REQUEST, received });
  }

  close(): Promise<void> {
    return this.#close();
  }

  /** Called with each cook as it begins. */
  readonly started = (cook: Cook): void => {
    this.#cook = cook;
  };

  /** A watch gives how it is made to cook again. */
  readonly watches = (again: () => void): void => {
    this.#again = again;
  };

  async #received(message: unknown, caller: Caller): Promise<void> {
    const request = asRequest(message);
    try {
      if (request === undefined)
        throw new UserError("The engine does not understand what it is asked; is it of another dag?", 2);
      caller.send({ ok: true, value: await this.#respond(request) } satisfies Response);
      if (request.ask === "cook") return this.#show(caller);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const { message, exit } = error;
      caller.send({ ok: false, message, exit } satisfies Response);
    }
    caller.end();
  }

  #respond(request: ControlRequest): Responses[ControlRequest["ask"]] | Promise<Responses[ControlRequest["ask"]]> {
    if (request.ask === "status") return this.#status();
    if (request.ask === "dirty") return this.#dirty(request.items);
    if (request.ask === "gc") return this.#collect(request.days);
    this.#requireGraph(request.graph);
    if (request.ask === "cook") return this.#join(request.options);
    const cook = this.#cook;
    if (cook === undefined) throw new UserError("The cook has not begun yet.", 2);
    if (request.ask === "items") return itemsOf(cook);
    if (request.ask === "stop") {
      const { ok, said: message } = cook.stopItem(request.item);
      if (!ok) throw new UserError(message, 2);
      return message;
    }
    cook.stop(request.how);
    return request.how === "save" ? "Stopping: running items may save." : "Stopping: running items are ended.";
  }

  #requireGraph(asked: string | null): void {
    const { graph } = this.#parts;
    if (asked !== null && asked !== graph)
      throw new UserError(`The cook that runs here is of ${graph}, not of ${asked}.`, 2);
  }

  #status(): Responses["status"] {
    const counts = this.#cook?.counts() ?? null;
    const watching = this.#again !== undefined;
    return { pid: process.pid, graph: this.#parts.graph, cooking: this.#isCooking, watching, counts };
  }

  #dirty(items: readonly string[]): Responses["dirty"] {
    const forgotten = this.#parts.store.results.forget(items);
    if (forgotten > 0) this.#again?.();
    return { forgotten };
  }

  async #collect(days: number): Promise<Responses["gc"]> {
    if (this.#isCooking)
      throw new UserError("Something is being cooked, and what it makes must not go. Wait until it is done.", 3);
    return this.#parts.store.gc({ days, last: true });
  }

  #join(options: string): Responses["cook"] {
    if (options !== this.#parts.options)
      throw new UserError("The cook that runs here was asked for otherwise (other nodes, values or options).", 3);
    if (!this.#isCooking) this.#again?.();
    return { pid: process.pid };
  }

  /** Events until the cook is over; who does not read them all is left behind. */
  #show(caller: Caller): void {
    const leave = this.#parts.events.subscribe((event) => {
      caller.send(event);
      if (event.type === "cook_finished") {
        leave();
        caller.end();
      }
    });
    caller.over(leave);
  }
}

function itemsOf(cook: Cook): ItemStatus[] {
  const statuses: ItemStatus[] = [];
  for (const { items } of cook.runs.values())
    for (const { name, state, outcome } of items) statuses.push([name, state, outcome?.kind ?? null]);
  return statuses;
}
