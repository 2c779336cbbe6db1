/**
 * Numbers written as text, and whether a double holds what they say: one rule for graphs, expressions, CSV, JSON and programs' results.
 * Knows no files.
 */

/** Significant digits that tell every double from all others (IEEE 754); what has more says what no double holds. */
const DIGITS = 17;
const PARTS = /^[+-]?(\d*)(?:\.(\d*))?(?:[eE][+-]?\d+)?$/;

/** Why a double does not hold what a number's text says; undefined where it does, or where the text is no number. */
export function numberProblem(text: string): string | undefined {
  const [, whole, fraction] = PARTS.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const value = Number(text);
  const digits = `${whole}${fraction ?? ""}`.replace(/^0+/, "").replace(/0+$/, "");
  if (!Number.isFinite(value)) return `${shown(text)} is larger than any number can be`;
  if (value === 0 && digits !== "") return `${shown(text)} is smaller than any number can be`;
  if (isWhole(text)) {
    if (BigInt(text.replace(/^\+/, "")) === BigInt(value)) return undefined;
    return `${shown(text)} is beyond the whole numbers that are held exactly, to ${Number.MAX_SAFE_INTEGER}`;
  }
  return digits.length > DIGITS ? `${shown(text)} has more than the ${DIGITS} digits that a number holds` : undefined;
}

/** Whether a number is written as a whole one: such may be a name. */
export function isWhole(text: string): boolean {
  return /^[+-]?\d+$/.test(text);
}

/** The same of the first such number in a JSON text, with its line. The text must be JSON: it is not parsed again. */
export function jsonNumberProblem(text: string): string | undefined {
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g)) {
    if (token.length <= DIGITS - 2 && !/[eE]/.test(token)) continue; // most are short, and no number of so few digits is lost
    const problem = token.startsWith('"') ? undefined : numberProblem(token);
    if (problem !== undefined) return `line ${text.slice(0, index).split("\n").length}: ${problem}`;
  }
  return undefined;
}

function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
