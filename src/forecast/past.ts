/** What past cooks took, and what a number of further ones is expected to take. Knows results' figures, no items. */
import { randomStream } from "../base/random.js";
import type { History, PastCook } from "../store/history.js";

/** Half of such cooks take less than `p50`, nine of ten less than `p90`. */
export interface Quantiles {
  readonly p50: number;
  readonly p90: number;
}

/** Past cooks that tell about a node's next ones. */
export interface PastSamples {
  /** Its own, or those of other nodes of its type where it has none. */
  readonly basis: "node" | "type";
  readonly cooks: readonly PastCook[];
  /** What so many further ones are expected to take; null where it is not known of any. */
  sums(count: number): Sums;
}

export interface Sums {
  readonly seconds: Quantiles | null;
  readonly bytes: Quantiles | null;
  readonly placed: Quantiles | null;
}

/** Sums that are drawn: the 90th percentile of so many is off by two percentiles at most, mostly. */
const DRAWS = 200;
/** A sum of more cooks is drawn from so many, and its spread is scaled. */
const MOST_DRAWN = 64;

/** Past cooks of a type. */
interface TypePast {
  readonly all: PastSamples | undefined;
  readonly nodes: ReadonlyMap<string, PastSamples>;
}

export class Past {
  readonly #history: Pick<History, "pastCooks">;
  readonly #types = new Map<string, TypePast>();

  constructor(history: Pick<History, "pastCooks">) {
    this.#history = history;
  }

  /** Undefined where no node of the type was ever cooked. */
  of(type: string, node: string): PastSamples | undefined {
    let past = this.#types.get(type);
    if (past === undefined) {
      past = pastOf(this.#history.pastCooks(type));
      this.#types.set(type, past);
    }
    return past.nodes.get(node) ?? past.all;
  }
}

function pastOf(all: readonly PastCook[]): TypePast {
  const byNode = new Map<string, PastCook[]>();
  for (const cook of all) {
    const cooks = byNode.get(cook.node);
    if (cooks === undefined) byNode.set(cook.node, [cook]);
    else cooks.push(cook);
  }
  const nodes = new Map([...byNode].map(([node, cooks]) => [node, samplesOf("node", cooks)]));
  return { all: all.length === 0 ? undefined : samplesOf("type", all), nodes };
}

function samplesOf(basis: PastSamples["basis"], cooks: readonly PastCook[]): PastSamples {
  // Of many nodes that have never cooked, each has as many items as the others.
  const known = new Map<number, Sums>();
  return {
    basis,
    cooks,
    sums(count) {
      const of = (figure: (cook: PastCook) => number | null) =>
        sumOf(
          cooks.map(figure).filter((value) => value !== null),
          count,
        ) ?? null;
      const sums = known.get(count) ?? {
        seconds: of(({ seconds }) => seconds),
        bytes: of(({ bytes }) => bytes),
        placed: of(({ placed }) => placed),
      };
      known.set(count, sums);
      return sums;
    },
  };
}

/** Of a list that is not empty: the smallest value that `part` of the values do not exceed. */
function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] as number;
}

function rangeOf(values: readonly number[]): Quantiles {
  const sorted = [...values].sort((a, b) => a - b);
  return { p50: quantile(sorted, 0.5), p90: quantile(sorted, 0.9) };
}

/**
 * The sum of `count` values like the given ones: by the bootstrap, drawn with replacement, and the same for the same values.
 * A quantile times the count would be wrong: with one slow item in ten, a hundred never take a hundred medians.
 */
export function sumOf(values: readonly number[], count: number): Quantiles | undefined {
  if (values.length === 0) return undefined;
  if (count === 0) return { p50: 0, p90: 0 };
  if (count === 1 || values.every((value) => value === values[0])) {
    const { p50, p90 } = rangeOf(values);
    return { p50: p50 * count, p90: p90 * count };
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const drawn = Math.min(count, MOST_DRAWN);
  const spread = Math.sqrt(count / drawn);
  const stream = randomStream(0, "forecast");
  const sums = Array.from({ length: DRAWS }, (_, draw) => {
    let sum = 0;
    for (let each = 0; each < drawn; each++)
      sum += values[stream.integer(draw * drawn + each, values.length)] as number;
    return Math.max(0, count * mean + (sum - drawn * mean) * spread);
  });
  return rangeOf(sums);
}
