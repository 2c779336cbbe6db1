/**
 * The seam of history: runs, what past cooks took, and small remembered values. All of it may be lost at the price of time
 * alone. Knows neither results nor what the values mean.
 */

/** What one cook of an item took, as far as it is known. */
export interface PastCook {
  readonly node: string;
  readonly seconds: number;
  /** What it added to the store; null where its result was lost. */
  readonly bytes: number | null;
  /** What was put at the user's paths; null where its result was lost. */
  readonly placed: number | null;
}

/** One `dag cook`. Times in milliseconds since the epoch. */
export interface Run {
  readonly id: number;
  readonly graph: string;
  readonly started: number;
  readonly ended: number | null;
  readonly exit: number | null;
  /** Items by final state. */
  readonly counts: Readonly<Record<string, number>>;
  /** What it was expected to take, and what it took: JSON, whose shapes the cook knows; null where there is none. */
  readonly forecast: unknown;
  readonly actual: unknown;
}

/** A kind of small remembered values: its name in the store, and how a value is written there. */
export interface MemoryKind<Value> {
  readonly name: string;
  encode(value: Value): string;
  /** Undefined for what cannot be read. */
  decode(text: string): Value | undefined;
}

/** A kind whose values are JSON. */
export function memoryKind<Value>(name: string): MemoryKind<Value> {
  return {
    name,
    encode: (value) => JSON.stringify(value),
    decode(text) {
      try {
        return JSON.parse(text) as Value;
      } catch {
        return undefined;
      }
    },
  };
}

/** A kind whose values are texts, written as they are. */
export function textKind(name: string): MemoryKind<string> {
  return { name, encode: (text) => text, decode: (text) => text };
}

/** What holds as long as no result changes: forgotten with any change of one. */
export const UNCHANGED = textKind("held");

/** Texts by the names of their kinds, for who may not know this seam. */
export function textsIn(history: Pick<History, "recall" | "remember">): {
  recall(kind: string, key: string): string | undefined;
  remember(kind: string, key: string, text: string): void;
} {
  return {
    recall: (kind, key) => history.recall(textKind(kind), key),
    remember: (kind, key, text) => history.remember(textKind(kind), key, text),
  };
}

export interface History {
  /** The value that was remembered last under a key. */
  recall<Value>(kind: MemoryKind<Value>, key: string): Value | undefined;
  /** Many at once, in the order of the keys: a tenth of the time. */
  recallMany<Value>(kind: MemoryKind<Value>, keys: readonly string[]): readonly (Value | undefined)[];
  remember<Value>(kind: MemoryKind<Value>, key: string, value: Value): void;

  /** Returns the run's number. */
  startRun(graph: string): number;
  /** Notes what a run is expected to take. */
  noteForecast(run: number, forecast: unknown): void;
  /** `actual`: what it took, where a forecast was noted. */
  endRun(run: number, exit: number, counts: Readonly<Record<string, number>>, actual?: unknown): void;
  /** The newest first. */
  runs(limit: number): readonly Run[];
  /** Past cooks of a node type, the newest first: the last hundred of each node among the latest. */
  pastCooks(type: string): readonly PastCook[];
}
