/** Finds the valid name that a misspelt one probably meant. Knows names only, not what they name. */

/** Names longer than this are compared with nothing: no one mistyped them, and the search is quadratic. */
const LONGEST = 100;

/**
 * The candidate nearest to `name`, or undefined where none is near: at most 40 % of the name's characters may be wrong,
 * capital letters aside. The distance counts insertions, deletions, substitutions and swaps of neighbours
 * (Damerau–Levenshtein, restricted to edits that do not overlap). Of equals, the first.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > LONGEST) return undefined;
  const wanted = name.toLowerCase();
  let limit = Math.floor(name.length * 0.4);
  let best: string | undefined;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) > limit) continue;
    const edits = distance(wanted, candidate.toLowerCase());
    if (edits > limit) continue;
    if (edits === 0) return candidate;
    best = candidate;
    limit = edits - 1;
  }
  return best;
}

function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length]!;
}
