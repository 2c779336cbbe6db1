/**
 * A run's `.summary`, from which runs are compared: its rows as JSON lines. JSON lines, since a run that is killed leaves all
 * lines but the last whole, rows may bring different figures, and any tool reads them; a binary form would save half of some
 * megabytes. It knows no names of figures.
 */
import { existsSync, readFileSync } from "node:fs";
import { AppendedFile } from "./appended-file.js";
import type { MetricRow } from "./row.js";

/** A summary that cannot be read or written; the message is for the user and names file and line. */
export class SummaryError extends Error {
  override readonly name = "SummaryError";
}

/** What tells runs apart, such as the parameters that differ. */
export type RunDescription = Readonly<Record<string, string | number | boolean | null>>;

/** A run, read. */
export interface RunSummary {
  readonly run: RunDescription;
  /** By rising step. */
  readonly rows: readonly MetricRow[];
}

/** Settings as a description: those of groups by dotted names, lists as text. */
export function describeRun(settings: object, prefix = ""): RunDescription {
  const described = Object.entries(settings).flatMap(([name, value]): (readonly [string, RunDescription[string]])[] => {
    if (Array.isArray(value)) return [[`${prefix}${name}`, value.join(", ")]];
    if (typeof value === "object" && value !== null) return Object.entries(describeRun(value, `${prefix}${name}.`));
    return [[`${prefix}${name}`, value]];
  });
  return Object.fromEntries(described);
}

const FORMAT = "dag run summary";
const VERSION = 1;

/** Writes a summary row by row; each is one line, written at once. */
export class SummaryWriter {
  readonly #path: string;
  readonly #file: AppendedFile;

  /**
   * Begins the file anew with the rows before `next_step` of the one that is there: what a resumed run repeats counts once.
   * The folder must be there. Throws a SummaryError.
   */
  constructor(path: string, run: RunDescription, next_step = 1) {
    this.#path = path;
    const isResumed = next_step > 1 && existsSync(path);
    const rows = isResumed ? readSummary(path).rows.filter(({ step }) => step < next_step) : [];
    const text = [{ format: FORMAT, version: VERSION, run }, ...rows.map(flat)].map(lineOf).join("");
    this.#file = attempt(path, () => new AppendedFile(path, text));
  }

  /** Adds a row. Its step comes after those before it. Throws a SummaryError where the file cannot be written. */
  addRow(row: MetricRow): void {
    attempt(this.#path, () => this.#file.append(lineOf(flat(row))));
  }

  /** What was written is on the disk from now on. Throws a SummaryError. */
  sync(): void {
    attempt(this.#path, () => this.#file.sync());
  }

  close(): void {
    this.#file.close();
  }
}

/** Reads a summary; a last line that was only begun is left out. Throws a SummaryError with the line. */
export function readSummary(path: string): RunSummary {
  const text = attempt(path, () => readFileSync(path, "utf8"), "read");
  // What follows the last line's end is a line that was being written.
  const lines = text.split("\n").slice(0, -1);
  const [head, ...rest] = lines.map((line, index) => parse(line, `${path}:${index + 1}`));
  if (head?.format !== FORMAT) throw new SummaryError(`${path}: this is no summary of a run.`);
  if (head.version !== VERSION) {
    throw new SummaryError(
      `${path}: a summary of version ${head.version} is not known: it is of another version of dag.`,
    );
  }
  const rows = rest.map((values, index) => rowOf(values, `${path}:${index + 2}`));
  const wrong = rows.findIndex(({ step }, index) => index > 0 && step <= rows[index - 1]!.step);
  if (wrong !== -1) {
    throw new SummaryError(
      `${path}:${wrong + 2}: step ${rows[wrong]!.step} comes after step ${rows[wrong - 1]!.step}.`,
    );
  }
  return { run: head.run as RunDescription, rows };
}

function flat({ step, figures }: MetricRow): Readonly<Record<string, number>> {
  return { step, ...figures };
}

/** Values that are not finite become null, since JSON has none of them. */
function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function parse(line: string, where: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new SummaryError(`${where}: the line is no JSON (${(cause as Error).message}).`, { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SummaryError(`${where}: the line is no JSON object.`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function rowOf({ step, ...rest }: Readonly<Record<string, unknown>>, where: string): MetricRow {
  if (!Number.isSafeInteger(step)) throw new SummaryError(`${where}: the row has no whole number as its "step".`);
  const figures = Object.entries(rest).map(([name, value]) => {
    if (value !== null && typeof value !== "number") throw new SummaryError(`${where}: "${name}" is no number.`);
    return [name, value ?? Number.NaN] as const;
  });
  return { step: step as number, figures: Object.fromEntries(figures) };
}

function attempt<T>(path: string, work: () => T, verb: "written" | "read" = "written"): T {
  try {
    return work();
  } catch (cause) {
    throw new SummaryError(`${path}: the summary cannot be ${verb} (${(cause as Error).message}).`, { cause });
  }
}
