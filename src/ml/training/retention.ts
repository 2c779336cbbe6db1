/** Which saved checkpoints stay, and which make room. It knows iterations and their scores, no files' content. */
import type { IterationMetrics } from "./history.js";
import type { Method } from "./method.js";
import type { SavedFile, SavedFiles } from "./saved.js";

/** The node's parameters; null: all, and none. */
export interface Retention {
  readonly keep_last: number | null;
  readonly keep_best: number | null;
}

/**
 * The iterations, of those saved (rising), whose checkpoints stay: the latest `keep_last`, and the `keep_best` of the highest
 * score; of equal ones the later. An iteration without a score is none of the best.
 */
export function keptIterations(
  saved: readonly number[],
  scoreOf: (iteration: number) => number | undefined,
  { keep_last, keep_best }: Retention,
): ReadonlySet<number> {
  if (keep_last === null) return new Set(saved);
  const scored = saved.flatMap((iteration) => {
    const score = scoreOf(iteration);
    return score === undefined ? [] : [{ iteration, score }];
  });
  const best = scored.sort((a, b) => b.score - a.score || b.iteration - a.iteration).slice(0, keep_best ?? 0);
  return new Set([...saved.slice(-keep_last), ...best.map(({ iteration }) => iteration)]);
}

/** Lets go of the checkpoints, with their states, that do not stay. */
export function retain(
  files: SavedFiles,
  history: readonly IterationMetrics[],
  retention: Retention,
  { components, score }: Pick<Method, "components" | "score">,
): void {
  const kinds = ["checkpoint", "other_weights", "state", ...components.map(({ role }) => role)];
  const isCheckpoint = ({ kind }: SavedFile) => kinds.includes(kind);
  const saved = files.all.filter(isCheckpoint).map(({ iteration }) => iteration);
  const sign = score.better === "higher" ? 1 : -1;
  const scores = new Map(
    history.map(({ iteration, [score.name]: found }) => [iteration, found === undefined ? found : sign * found]),
  );
  const kept = keptIterations(
    [...new Set(saved)].sort((a, b) => a - b),
    (iteration) => scores.get(iteration),
    retention,
  );
  files.letGo((file) => isCheckpoint(file) && !kept.has(file.iteration));
}
