/** Fuzzes: random worlds, random edits of them, and what fails made short. Knows trials, and how a case is told. */
import { join } from "node:path";
import { Dice } from "../helpers/dice.js";
import { Broken } from "./broken.js";
import { randomWorld } from "./chance.js";
import { randomEdit } from "./chance-edits.js";
import type { Edit } from "./edits.js";
import { Trial, type TrialOptions } from "./trial.js";
import type { World } from "./world.js";

/** A world and what happens to it: all that a case is. */
export interface Case {
  readonly world: World;
  readonly edits: readonly Edit[];
  readonly seed: number;
  readonly ahead: boolean;
  /** Whether the store's database is the shipped one. */
  readonly inFile: boolean;
  /** Whether parts of the graph that stand are held in each cook, which is followed by one that judges every item. */
  readonly holds: boolean;
}

export interface Failure {
  readonly tried: Case;
  readonly error: Error;
}

/** What a run of the fuzz came to. */
export interface Fuzzed {
  readonly edits: number;
  readonly cases: number;
  readonly refused: number;
  readonly cooked: number;
  readonly items: number;
  /** Nodes whose items stood. */
  readonly held: number;
  /** Those of which some were made beside them. */
  readonly rows: number;
  readonly failure: Failure | undefined;
}

/** Edits that are made to one world. */
const EDITS_OF_A_CASE = 60;

export interface FuzzOptions {
  readonly seed: number;
  readonly edits: number;
  /** For the worlds; it is emptied. */
  readonly folder: string;
  readonly cleanEvery: number;
  progress?(edits: number): void;
}

/** Runs cases until so many edits are cooked, or something does not hold. */
export async function fuzz({ seed, edits, folder, cleanEvery, progress }: FuzzOptions): Promise<Fuzzed> {
  const sum = { edits: 0, cases: 0, refused: 0, cooked: 0, items: 0, held: 0, rows: 0 };
  for (let number = 0; sum.edits < edits; number++) {
    const outcome = await oneCase(seed + number, join(folder, String(seed + number)), cleanEvery, edits - sum.edits);
    sum.cases += 1;
    for (const name of ["edits", "refused", "cooked", "items", "held", "rows"] as const) sum[name] += outcome[name];
    if (outcome.failure !== undefined) return { ...sum, failure: outcome.failure };
    progress?.(sum.edits);
  }
  return { ...sum, failure: undefined };
}

async function oneCase(seed: number, folder: string, cleanEvery: number, most: number): Promise<Omit<Fuzzed, "cases">> {
  const dice = new Dice(seed, "edits");
  const ahead = dice.chance(0.7);
  const inFile = dice.chance(0.1);
  const holds = dice.chance(0.5);
  const sum = { edits: 0, refused: 0 };
  const done: Edit[] = [];
  for (let attempt = 0; ; attempt++) {
    const world = randomWorld(new Dice(seed, "world", attempt));
    const trial = new Trial(world, optionsOf({ seed, ahead, inFile, holds }, folder, cleanEvery));
    const ended = (error?: Error) => ({
      ...{ ...sum, ...trial.figures },
      failure:
        error === undefined ? undefined : { tried: { world, edits: [...done], seed, ahead, inFile, holds }, error },
    });
    try {
      if ((await trial.start()) === "refused") continue;
      for (let number = 0; number < EDITS_OF_A_CASE && sum.edits < most; number++) {
        done.push(randomEdit(trial.world, dice, number));
        if ((await trial.step(done.at(-1)!)) === "cooked") sum.edits += 1;
        else {
          sum.refused += 1;
          done.pop();
        }
      }
      return ended();
    } catch (error) {
      return ended(error as Error);
    } finally {
      await trial.close();
    }
  }
}

type Manner = Pick<Case, "seed" | "ahead" | "inFile" | "holds">;

function optionsOf({ seed, ahead, inFile, holds }: Manner, folder: string, cleanEvery: number): TrialOptions {
  const turns = new Dice(seed, "turns");
  return { folder, ahead, inFile, holds, cleanEvery, turns: () => (turns.chance(0.6) ? 0 : turns.from(1, 3)) };
}

/** Cooks a case; answers what does not hold. `whole`: no edit of it may be refused. */
export async function replay(tried: Case, folder: string, whole = false): Promise<Error | undefined> {
  const trial = new Trial(tried.world, optionsOf(tried, folder, 1));
  const refused = (what: unknown) => (whole ? new Broken(`is refused: ${JSON.stringify(what)}`) : undefined);
  try {
    if ((await trial.start()) === "refused") return refused(tried.world);
    for (const edit of tried.edits) if ((await trial.step(edit)) === "refused" && whole) return refused(edit);
    return undefined;
  } catch (error) {
    return error as Error;
  } finally {
    await trial.close();
  }
}

/** A shorter case in which something does not hold: fewer edits, then fewer nodes. */
export async function shrink({ tried, error }: Failure, folder: string): Promise<Failure> {
  let best: Failure = { tried, error };
  const fails = async (smaller: Case): Promise<boolean> => {
    const found = await replay(smaller, folder);
    if (found !== undefined) best = { tried: smaller, error: found };
    return found !== undefined;
  };
  for (let size = best.tried.edits.length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < best.tried.edits.length; ) {
      const edits = best.tried.edits.filter((_, place) => place < from || place >= from + size);
      if (!(await fails({ ...best.tried, edits }))) from += size;
    }
  }
  for (const { id } of [...best.tried.world.nodes].reverse()) {
    const { world, edits } = best.tried;
    const nodes = world.nodes.filter((node) => node.id !== id);
    const isRead = nodes.some(({ inputs }) =>
      Object.values(inputs)
        .flat()
        .some((ref) => ref.id === id),
    );
    if (!isRead && nodes.length > 0) await fails({ ...best.tried, world: { ...world, nodes }, edits });
  }
  for (const path of Object.keys(best.tried.world.files)) {
    const { [path]: _, ...files } = best.tried.world.files;
    await fails({ ...best.tried, world: { ...best.tried.world, files } });
  }
  return best;
}
