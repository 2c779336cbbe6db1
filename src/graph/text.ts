/** A text and the lines in it: offsets to places. Knows nothing of JSON. */
import type { Place } from "../base/diagnostic.js";

/** A source text under the name that diagnostics show. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
  /** Offset of each line's first character. */
  readonly lineStarts: readonly number[];
}

/** Finds the lines of a text. */
export function sourceText(file: string, text: string): SourceText {
  const lineStarts = [0];
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", end + 1)) lineStarts.push(end + 1);
  return { file, text, lineStarts };
}

/** The place of `length` characters at `offset`; both are brought into the text where they lie outside of it. */
export function placeAt(source: SourceText, offset: number, length: number): Place {
  const at = Math.max(0, Math.min(offset, source.text.length));
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((source.lineStarts[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return {
    file: source.file,
    line: low + 1,
    column: at - (source.lineStarts[low] ?? 0) + 1,
    length: Math.max(1, length),
  };
}
