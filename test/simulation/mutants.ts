// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of emitted code.
/**
 * Faults put into the engine one at a time, each of which the simulation or a case of the fuzz must catch: what a module says,
 * what it says instead, and the program of bench with the arguments that catch it. Places are named by syntax (see `mutate`).
 */
import type { Change } from "./mutate.js";

export interface Mutant {
  readonly name: string;
  /** Below dist/src. */
  readonly file: string;
  readonly changes: readonly Change[];
  /** Arguments of bench/simulate; with `--case`, of bench/fuzz. */
  readonly caughtBy: readonly string[];
}

const SEEDS = ["--first", "--seeds", "0..60"];
/** Few seeds show some faults. */
const seeds = (range: string) => ["--first", "--seeds", range];
const fuzzCase = (name: string) => ["--case", name];
const CRASH = ["--first", "--each", "--crash", "1..5"];

export const MUTANTS: readonly Mutant[] = [
  {
    name: "an input's files are not in the fingerprint",
    file: "fingerprint/manifest.js",
    changes: [["member.files", "[]"]],
    caughtBy: SEEDS,
  },
  {
    name: "a parameter is left out of the manifest",
    file: "fingerprint/manifest.js",
    changes: [["schema.effect !== undefined", '(schema.effect !== undefined || name === "number")']],
    caughtBy: SEEDS,
  },
  {
    name: "the node's code is not in the fingerprint",
    file: "fingerprint/manifest.js",
    changes: [["node.code", "node.type"]],
    caughtBy: SEEDS,
  },
  {
    name: "an item's position is in its fingerprint",
    file: "prepare/prepare.js",
    changes: [["run.definition.seeded === true ? item.seed : undefined", "item.index"]],
    caughtBy: SEEDS,
  },
  {
    name: "an item's position is in its identity",
    file: "generate/make.js",
    changes: [["itemKey(parents, made.identity, 0)", "itemKey(parents, [made.identity, run.items.length], 0)"]],
    caughtBy: SEEDS,
  },
  {
    name: "inputs are not looked at again before a result is believed",
    file: "store/publish.js",
    changes: [["stillHolds !== undefined", "false"]],
    caughtBy: seeds("172..194"),
  },
  {
    name: "a result is committed before its files are in the store",
    file: "store/publish.js",
    changes: [
      ["const moved = await moveBlobs(parts, holding);", "const moved = holding;"],
      ["parts.journal.commit(results);", "parts.journal.commit(results); await moveBlobs(parts, holding);"],
    ],
    caughtBy: CRASH,
  },
  {
    name: "a result is not in the log",
    file: "store/journal.js",
    changes: [["log.append(results);", ";"]],
    caughtBy: CRASH,
  },
  {
    name: "after a power failure, files are believed unread",
    file: "store/lookups.js",
    changes: [["stored.boot === null || stored.boot === this.#parts.boot", "true"]],
    caughtBy: SEEDS,
  },
  {
    name: "an engine commits after another has taken over",
    file: "store/connection.js",
    changes: [["this.#storedEpoch() !== this.#epoch", "false"]],
    caughtBy: ["--check", "database"],
  },
  {
    name: "a retry is not counted",
    file: "cook/attempts.js",
    changes: [["number <= retries", "number <= retries + 1"]],
    caughtBy: SEEDS,
  },
  {
    name: "items with one fingerprint are all cooked",
    file: "cook/attempts.js",
    changes: [["twins !== undefined", "false", "start"]],
    caughtBy: SEEDS,
  },
  {
    name: "an item does not wait for what it is made from",
    file: "cook/readiness.js",
    changes: [["item.pending += 1;", ";"]],
    caughtBy: SEEDS,
  },
  {
    name: "a partition does not wait for the cooks above it",
    file: "generate/sources.js",
    changes: [["!waitsForCooks || run.undone === 0", "true"]],
    caughtBy: seeds("1437"),
  },
  {
    name: "what is made from a failed item is cooked",
    file: "cook/evaluate.js",
    changes: [["!isGood(parent.state) && !isIgnored(parent)", "false"]],
    caughtBy: SEEDS,
  },
  {
    name: "a discovery is believed without another look",
    file: "generate/discover.js",
    changes: [["await holds(recorded.looks, views)", "true"]],
    caughtBy: SEEDS,
  },
  {
    name: "priorities are ignored",
    file: "schedule/ready.js",
    changes: [["a.priority === b.priority ? a.order < b.order : a.priority > b.priority", "a.order < b.order"]],
    caughtBy: ["--check", "order"],
  },
  {
    name: "slots are not taken",
    file: "schedule/slots.js",
    changes: [["cpu -= request.cpu;", ";"]],
    caughtBy: SEEDS,
  },
  {
    name: "an attempt's folder is used again under its name",
    file: "store/workspace.js",
    changes: [["const next = this.#fresh();", "const next = folder;"]],
    caughtBy: SEEDS,
  },
  {
    name: "engines with one epoch share folders",
    file: "store/local.js",
    changes: [["`${epoch}.${pid}`", "`${epoch}`"]],
    caughtBy: ["--first", "--each", "--crash", "5"],
  },
  {
    name: "another attempt gets the folder of the one that failed",
    file: "cook/attempts.js",
    changes: [["store.workspace.attempt()", "(attempt.task?.directory ?? store.workspace.attempt())"]],
    caughtBy: seeds("55..60"),
  },
  {
    name: "of a batch whose worker ended, nothing is tried again",
    file: "schedule/scheduler.js",
    changes: [
      ["settleOrRetry(await executor.run(sent, grant, listener))", "await executor.run(sent, grant, listener)"],
    ],
    caughtBy: SEEDS,
  },
  {
    name: "the item at work is blamed for what others left in its worker",
    file: "executor/batch.js",
    changes: [["single && first === 0", "single"]],
    caughtBy: SEEDS,
  },
  {
    name: "an input's path counts by its digest alone",
    file: "fingerprint/manifest.js",
    changes: [
      [
        '{ $file: path.slice(path.lastIndexOf("/") + 1), digest }',
        '(digest ?? { $file: path.slice(path.lastIndexOf("/") + 1), digest })',
      ],
    ],
    caughtBy: fuzzCase("equal bytes under another name are another input"),
  },
  {
    name: "a file is known by its size alone",
    file: "base/stamp.js",
    changes: [["return `${size}:${mtimeNs}:${ino}:${ctimeNs}`;", "return String(size);"]],
    caughtBy: fuzzCase("another byte of a file that keeps its size is another input"),
  },
  {
    name: "the environment is not in the fingerprint",
    file: "fingerprint/manifest.js",
    changes: [["const variables = Object.keys(item.variables);", "const variables = [];"]],
    caughtBy: fuzzCase("another variable of the environment is another input"),
  },
  {
    name: "packages are not in the fingerprint",
    file: "fingerprint/manifest.js",
    changes: [["node.packages", "[]"]],
    caughtBy: SEEDS,
  },
  {
    name: "a file's tag is not in the fingerprint",
    file: "fingerprint/manifest.js",
    changes: [["JSON.stringify(tag)", "JSON.stringify(0)"]],
    caughtBy: fuzzCase("another tag of a file is another input"),
  },
  {
    name: "the order of members is not in the fingerprint",
    file: "fingerprint/manifest.js",
    changes: [
      [
        "item.inputs",
        "[...item.inputs].map(([input, of]) => [input, [...of].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))])",
      ],
    ],
    caughtBy: fuzzCase("members in another order are another input"),
  },
  {
    name: "of equal priorities, the last comes first",
    file: "schedule/ready.js",
    changes: [["a.order < b.order", "a.order > b.order"]],
    caughtBy: ["--check", "order"],
  },
  {
    name: "work of different timeouts shares a message",
    file: "schedule/ready.js",
    changes: [["a.timeout !== b.timeout", "false"]],
    caughtBy: seeds("3964"),
  },
  {
    name: "items below a cook are made before it",
    file: "generate/waits.js",
    changes: [["read?.size !== 0", "false"]],
    caughtBy: fuzzCase("items that a cook decides on are made after it, and again after another"),
  },
  {
    name: "a file that was another meanwhile is believed",
    file: "prepare/prepare.js",
    changes: [["this.stampsOf(outside) !== stamps", "false"]],
    caughtBy: fuzzCase(
      "a file that was another while it was read, and is again what it was, makes nothing that is believed",
    ),
  },
  {
    name: "of a result with several files, gc takes the blobs",
    file: "store/collect.js",
    changes: [["path === undefined", "path === undefined && outputs.length === 1", "collectGarbage"]],
    caughtBy: fuzzCase("what results refer to is not collected"),
  },
  {
    name: "what was made dirty is believed",
    file: "store/local-results.js",
    changes: [["{ forgotten: items }", "{}"]],
    caughtBy: fuzzCase("what was made dirty is cooked, and what is to be cooked always is"),
  },
  {
    name: "what is to be cooked always is read",
    file: "cook/miss.js",
    changes: [['return cacheMode === "automatic" || cacheMode === "always_read";', 'return cacheMode !== "never";']],
    caughtBy: fuzzCase("what was made dirty is cooked, and what is to be cooked always is"),
  },
  {
    name: "a retry too few",
    file: "cook/attempts.js",
    changes: [["number <= retries", "number < retries"]],
    caughtBy: fuzzCase("what is tried again is tried as often as it may be"),
  },
  {
    name: "twins of what failed are left alone",
    file: "cook/attempts.js",
    changes: [["this.start(twin);", ";"]],
    caughtBy: SEEDS,
  },
  {
    name: "what is only to be read from the store is cooked",
    file: "cook/misses.js",
    changes: [['run.node.cacheMode === "always_read"', "false"]],
    caughtBy: fuzzCase("what is only read from the store fails where it is not there, and is cooked by nobody"),
  },
  {
    name: "what is below a blocked item does not wait",
    file: "cook/finish.js",
    changes: [['outcome.kind === "failed" && runOf(item).node.onFailure === "block"', "false"]],
    caughtBy: fuzzCase("what is below a blocked item waits in vain, and what waits for that is never made"),
  },
  {
    name: "what a user made of an output is overwritten",
    file: "store/place.js",
    changes: [["const isUntouched = known?.stamp.endsWith(` ${found.stamp}`) === true;", "const isUntouched = true;"]],
    caughtBy: fuzzCase(
      "what others do to outputs and blobs while items cook is made good, and loses nothing of theirs",
    ),
  },
];
