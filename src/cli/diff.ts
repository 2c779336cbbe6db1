/** The difference between two texts, line by line, as people read it. Knows only lines. */

/** Lines before and after a change that are shown. */
const CONTEXT = 2;

type Line = readonly [mark: " " | "-" | "+", text: string];

/** `-` and `+` lines with two lines around them; empty where nothing differs. */
export function difference(before: string, after: string): string {
  const lines = aligned(before.split("\n"), after.split("\n"));
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(([mark]) => mark !== " "),
  );
  const shown = lines.flatMap(([mark, text], at) => {
    if (!near[at]) return [];
    const gap = at > 0 && !near[at - 1] ? ["  …"] : [];
    return [...gap, `${mark} ${text}`];
  });
  return shown.join("\n");
}

/** By the longest common subsequence of what lies between the common beginning and end. */
function aligned(before: readonly string[], after: readonly string[]): readonly Line[] {
  let start = 0;
  while (start < Math.min(before.length, after.length) && before[start] === after[start]) start += 1;
  let end = 0;
  const most = Math.min(before.length, after.length) - start;
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const [old, fresh] = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  const same = (text: string): Line => [" ", text];
  return [...before.slice(0, start).map(same), ...middle(old, fresh), ...before.slice(before.length - end).map(same)];
}

function middle(old: readonly string[], fresh: readonly string[]): readonly Line[] {
  // length[i][j]: of the longest common subsequence of what is left from i and from j on.
  const length = Array.from({ length: old.length + 1 }, () => new Uint32Array(fresh.length + 1));
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = fresh.length - 1; j >= 0; j--) {
      length[i]![j] =
        old[i] === fresh[j] ? length[i + 1]![j + 1]! + 1 : Math.max(length[i + 1]![j]!, length[i]![j + 1]!);
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < fresh.length) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
      lines.push([" ", old[i]!]);
      i += 1;
      j += 1;
    } else if (j >= fresh.length || (i < old.length && length[i + 1]![j]! >= length[i]![j + 1]!))
      lines.push(["-", old[i++]!]);
    else lines.push(["+", fresh[j++]!]);
  }
  return lines;
}
