/**
 * The attempts at items' work: sends them off, tries again where the node says so, and publishes what comes back. Knows
 * tasks and outcomes; what an end means for other items, the cook decides.
 */
import type { Clock } from "../base/clock.js";
import type { Digest } from "../base/hash.js";
import { digestOf } from "../base/hash.js";
import type { Entry, Publication } from "../cache/store.js";
import type { EventSink, Failure } from "../event/event.js";
import { describe, hasType, typeOf, type ValueType } from "../expression/value.js";
import type { MadeFile, Outcome } from "../worker/protocol.js";
import type { OutputFile } from "../workitem/output.js";
import type { Flight, Flights, Owner } from "./flight.js";
import { partialKey } from "./miss.js";
import type { Prepared, Preparer } from "./prepare.js";
import { itemName, type States } from "./state.js";
import { slotsOf, type TaskDoors, taskOf } from "./task.js";

/** How an item's attempts ended. */
export type Ending =
  | { readonly kind: "published"; readonly entry: Entry; readonly seconds: number }
  /** A graceful stop: usable, but not the result of this fingerprint. */
  | { readonly kind: "partial"; readonly entry: Entry; readonly seconds: number }
  /** An input changed while it was read: the item is to be looked at again. */
  | { readonly kind: "dropped" }
  | { readonly kind: "cancelled"; readonly message: string }
  /** `entry`: what it could save. */
  | { readonly kind: "failed"; readonly failure: Failure; readonly entry?: Entry };

export interface AttemptDoors extends TaskDoors {
  readonly run: number;
  readonly clock: Clock;
  readonly flights: Flights;
  readonly preparer: Preparer;
  readonly states: States;
  readonly sink: EventSink;
  ended(prepared: Prepared, ending: Ending): Promise<void>;
}

/** Seconds before the first retry; doubled for each further one. */
const BACKOFF = 0.5;

type Cooked = Extract<Outcome, { kind: "cooked" }>;

export class Attempts implements Owner {
  readonly #doors: AttemptDoors;
  /** Items with the same fingerprint as one that is being cooked: its result is theirs. */
  readonly #twins = new Map<Digest, Prepared[]>();

  /** Attempts that wait for their turn after a failure: what calls each off. */
  readonly #retries = new Set<() => void>();

  constructor(doors: AttemptDoors) {
    this.#doors = doors;
  }

  /** Cooks an item, takes over the work where it is under way, or waits for the item with the same fingerprint. */
  start(prepared: Prepared): void {
    const { digest } = prepared.fingerprint;
    const twins = this.#twins.get(digest);
    if (twins !== undefined) return void twins.push(prepared);
    this.#twins.set(digest, []);
    const flight = this.#doors.flights.takeOver(prepared, this);
    if (flight === undefined) this.#try(prepared, 1);
    else {
      this.#doors.states.move(prepared.item, "scheduled");
      if (flight.begun) this.started(prepared);
    }
  }

  /** Leaves what is under way to a later cook. */
  leave(): void {
    for (const callOff of this.#retries) callOff();
    this.#doors.flights.leave(this);
  }

  #try(prepared: Prepared, attempt: number): void {
    const { store, flights, states, run } = this.#doors;
    const { item, run: node, params } = prepared;
    let folder = "";
    // Asked for whenever the work is sent: a worker that died may have left something in the last one.
    const fresh = (): string => {
      folder = store.attempt();
      return folder;
    };
    const log = store.log(run, item.name);
    states.move(item, "scheduled");
    const job = {
      order: item.order,
      priority: item.priority,
      slots: slotsOf(node.node, params),
      task: taskOf(prepared, { log, directory: fresh }, this.#doors),
      timeout: node.node.timeout,
      batch: node.node.batchSize,
    };
    flights.begin(prepared, this, job, { attempt, directory: () => folder, log });
  }

  started({ item }: Prepared): void {
    this.#doors.states.move(item, "cooking");
  }

  progress({ item }: Prepared, figures: Readonly<Record<string, number | string>>): void {
    this.#doors.sink({ type: "item_progress", item: itemName(item), figures });
  }

  warn({ item }: Prepared, line: string): void {
    this.#doors.sink({ type: "warning", node: item.node, message: `${item.label ?? item.name}: ${line}` });
  }

  async settled({ prepared, attempt, directory, log }: Flight, outcome: Outcome): Promise<void> {
    if (outcome.kind === "cooked") {
      try {
        const ending = await this.#publish(prepared, outcome, directory());
        const { failure } = outcome;
        if (failure === undefined || ending.kind !== "partial") await this.#end(prepared, ending);
        else await this.#end(prepared, { ...this.#failure(prepared, failure, [], log, attempt), entry: ending.entry });
      } catch (error) {
        await this.#end(prepared, this.#failure(prepared, (error as Error).message, [], log, attempt));
      }
    } else if (outcome.kind === "failed" && outcome.cause === "cancelled") {
      await this.#end(prepared, { kind: "cancelled", message: outcome.message });
    } else if (outcome.kind === "failed") {
      const { onFailure, retries } = prepared.run.node;
      if (onFailure === "retry" && attempt <= retries) this.#later(prepared, attempt);
      else await this.#end(prepared, this.#failure(prepared, outcome.message, outcome.tail, log, attempt));
    }
  }

  #later(prepared: Prepared, attempt: number): void {
    this.#doors.states.move(prepared.item, "waiting", `attempt ${attempt} failed`);
    const again = () => {
      this.#retries.delete(callOff);
      this.#try(prepared, attempt + 1);
    };
    const callOff = this.#doors.clock.after(BACKOFF * 2 ** (attempt - 1) * 1000, again);
    this.#retries.add(callOff);
  }

  #failure(prepared: Prepared, message: string, tail: readonly string[], log: string, attempts: number) {
    const attributes: Record<string, unknown> = {};
    for (const name of prepared.item.attributeNames()) attributes[name] = prepared.item.attribute(name);
    return { kind: "failed" as const, failure: { message, attributes, tail, log, attempts } };
  }

  async #publish(prepared: Prepared, outcome: Cooked, directory: string): Promise<Ending> {
    const { item, run, fingerprint, outside } = prepared;
    const { store, flights, preparer } = this.#doors;
    requireDeclared(prepared, outcome.attributes);
    // What must never be a hit is kept under a key that no cook asks for: those below read it from the store all the same.
    const passing = run.node.cacheMode === "never" || run.definition.cache === "never";
    const isPartial = outcome.partial || outcome.failure !== undefined;
    const key = passing ? digestOf(`passing ${this.#doors.run} ${fingerprint.digest}`) : fingerprint.digest;
    const publication: Publication = {
      item: item.id,
      name: item.name,
      node: item.node,
      type: run.node.type.name,
      fingerprint: isPartial ? partialKey(fingerprint.digest) : key,
      manifest: fingerprint.manifest,
      directory,
      outputs: outcome.files.map((file) => outputOf(file, prepared)),
      attributes: outcome.attributes,
      seconds: outcome.seconds,
      stillHolds: () => preparer.unchanged(outside),
    };
    const publishing = store.publish(publication);
    // Nobody else's result will come to share the commit: a chain of short items must not wait at every step.
    if (!flights.anyUnderWay) void store.flush();
    const published = await publishing;
    if (published.kind === "dropped") {
      store.endResume(fingerprint.digest);
      return { kind: "dropped" };
    }
    const { entry } = published;
    return { kind: isPartial ? "partial" : "published", entry, seconds: outcome.seconds };
  }

  async #end(prepared: Prepared, ending: Ending): Promise<void> {
    const twins = this.#twins.get(prepared.fingerprint.digest) ?? [];
    this.#twins.delete(prepared.fingerprint.digest);
    await this.#doors.ended(prepared, ending);
    if (ending.kind === "published" || ending.kind === "partial")
      for (const twin of twins) await this.#doors.ended(twin, ending);
    else for (const twin of twins) this.start(twin);
  }
}

/** Throws, with a message for the user, where a cook wrote what its node type does not declare. */
function requireDeclared({ run, params }: Prepared, attributes: Cooked["attributes"]): void {
  const { name, definition } = run.node.type;
  const declared = definition.attributes?.writes ?? {};
  const writes = typeof declared === "function" ? (declared as (of: unknown) => typeof declared)(params) : declared;
  for (const [attribute, value] of Object.entries(attributes)) {
    const called = `The node type "${name}" wrote the attribute "${attribute}"`;
    if (!/^[A-Za-z_]\w*$/.test(attribute)) throw new Error(`${called}: a name is made of letters, digits and "_".`);
    if (run.node.flags.readOnly.has(attribute)) throw new Error(`${called}, which a node above it made read-only.`);
    if (attribute.startsWith("pdg_")) throw new Error(`${called}: names that begin with "pdg_" are the engine's.`);
    if (writes === "any") continue;
    const type = (writes as Readonly<Record<string, ValueType>>)[attribute];
    if (type === undefined) throw new Error(`${called}, which it does not declare (attributes.writes).`);
    if (!hasType(value, type))
      throw new Error(`${called} as ${describe(typeOf(value))}; it declares ${describe(type)}.`);
  }
}

/** A made file as the store keeps it; one that was passed on keeps where it lies. */
function outputOf(file: MadeFile, prepared: Prepared): OutputFile & { readonly made: boolean } {
  if ("path" in file) {
    const output = { digest: file.digest as Digest, size: file.size, tag: file.tag, name: file.path, made: true };
    return file.parameter === undefined ? output : { ...output, parameter: file.parameter };
  }
  const known = prepared.outside.find((output) => output.digest === file.pass);
  const output = { digest: file.pass as Digest, size: file.size, tag: file.tag, name: file.name, made: false };
  return known?.symbolic === undefined ? output : { ...output, path: known.symbolic };
}
