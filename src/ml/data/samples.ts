/**
 * What a training set consists of: which files, and which of their halves, form samples. It reads no file and no
 * folder; lists of files come from the caller.
 */
import { basename } from "node:path";

/** A mistake in a data set or its settings; the message is for the user. */
export class DataError extends Error {
  override readonly name = "DataError";
}

/** A file of a list. `name` decides order and pairing: its path within the folder that was listed, with "/". */
export interface NamedFile {
  readonly path: string;
  readonly name: string;
}

/** One side of a sample: a file, or one half of a composite. */
export interface Side {
  readonly path: string;
  readonly half?: "left" | "right";
}

/** A side with its file's name, without extension. */
export interface NamedSide extends Side {
  readonly name: string;
}

/** An input and the reference that belongs to it. `name` is the input's, without extension. */
export interface PairedSample {
  readonly name: string;
  readonly input: Side;
  readonly reference: Side;
}

/** Samples that belong together, or two sets of which only the members of each belong together. */
export type Dataset =
  | { readonly kind: "paired"; readonly samples: readonly PairedSample[] }
  | { readonly kind: "unpaired"; readonly inputs: readonly NamedSide[]; readonly references: readonly NamedSide[] };

/** One pair of two files, whatever their names. */
export function singlePair(input: string, reference: string): Dataset {
  const name = stemOf(basename(input));
  return { kind: "paired", samples: [{ name, input: { path: input }, reference: { path: reference } }] };
}

/** Pairs that the caller has already made, in its order. Throws a DataError where there are none. */
export function givenPairs(pairs: readonly { readonly input: NamedFile; readonly reference: NamedFile }[]): Dataset {
  requireSome(pairs.length, "pairs of input and reference images");
  const samples = pairs.map(({ input, reference }) => ({
    name: stemOf(input.name),
    input: { path: input.path },
    reference: { path: reference.path },
  }));
  return { kind: "paired", samples };
}

/**
 * Pairs files of two folders by stem, in ordinal order; extensions may differ. Throws a DataError that names the first
 * file without a partner, or the first two files of one folder with the same stem.
 */
export function pairDirectories(
  inputs: readonly NamedFile[],
  references: readonly NamedFile[],
  limit?: number,
): Dataset {
  requireSome(inputs.length, "input images");
  requireSome(references.length, "reference images");
  const [a, b] = [byStem(inputs, "input"), byStem(references, "reference")];
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    if (a[index]?.stem === b[index]?.stem) continue;
    const counts = `${a.length} input and ${b.length} reference images`;
    throw new DataError(`${firstAlone(a[index], b[index])} (${counts}; stems must match, extensions may differ).`);
  }
  const samples = a.map(({ stem, file }, index) => ({
    name: stem,
    input: { path: file.path },
    reference: { path: b[index]!.file.path },
  }));
  return { kind: "paired", samples: samples.slice(0, limit) };
}

/** Each file's left half is an input and its right half the reference; in ordinal order. */
export function composites(files: readonly NamedFile[], limit?: number): Dataset {
  requireSome(files.length, "composite images");
  const samples = [...files].sort(ordinally).map(({ path, name }): PairedSample => {
    return { name: stemOf(name), input: { path, half: "left" }, reference: { path, half: "right" } };
  });
  return { kind: "paired", samples: samples.slice(0, limit) };
}

/** Two sets without pairs, in ordinal order; the limit holds for each. Throws a DataError where one is empty. */
export function unpairedDirectories(
  inputs: readonly NamedFile[],
  references: readonly NamedFile[],
  limit?: number,
): Dataset {
  return givenSets([...inputs].sort(ordinally), [...references].sort(ordinally), limit);
}

/** Two sets without pairs, in the caller's order; the limit holds for each. Throws a DataError where one is empty. */
export function givenSets(inputs: readonly NamedFile[], references: readonly NamedFile[], limit?: number): Dataset {
  requireSome(inputs.length, "input images");
  requireSome(references.length, "reference images");
  const sides = (files: readonly NamedFile[]) =>
    files.slice(0, limit).map(({ path, name }) => ({ path, name: stemOf(name) }));
  return { kind: "unpaired", inputs: sides(inputs), references: sides(references) };
}

/** The inputs and the references, in order; of pairs, as many of both. */
export function sidesIn(dataset: Dataset): { readonly inputs: readonly Side[]; readonly references: readonly Side[] } {
  if (dataset.kind === "unpaired") return dataset;
  return {
    inputs: dataset.samples.map(({ input }) => input),
    references: dataset.samples.map(({ reference }) => reference),
  };
}

/** Names of the inputs and of the references; the same ones where they are pairs. */
export function sampleNames(dataset: Dataset): Readonly<Record<"input" | "reference", readonly string[]>> {
  const names = (sides: readonly { readonly name: string }[]) => sides.map(({ name }) => name);
  if (dataset.kind === "unpaired") return { input: names(dataset.inputs), reference: names(dataset.references) };
  return { input: names(dataset.samples), reference: names(dataset.samples) };
}

/** The names of the samples of some turns, each once. */
export function namesIn(
  dataset: Dataset,
  draws: readonly { readonly input: number; readonly reference: number }[],
): readonly string[] {
  const names = sampleNames(dataset);
  return [...new Set(draws.flatMap(({ input, reference }) => [names.input[input]!, names.reference[reference]!]))];
}

/** Samples of one iteration: the pairs, or the larger of two sets. */
export function sampleCount(dataset: Dataset): number {
  if (dataset.kind === "paired") return dataset.samples.length;
  return Math.max(dataset.inputs.length, dataset.references.length);
}

interface Stemmed {
  readonly stem: string;
  readonly file: NamedFile;
}

function byStem(files: readonly NamedFile[], which: string): readonly Stemmed[] {
  const sorted = files.map((file) => ({ stem: stemOf(file.name), file }));
  sorted.sort((a, b) => compare(a.stem, b.stem) || compare(a.file.name, b.file.name));
  for (let index = 1; index < sorted.length; index++) {
    const [one, two] = [sorted[index - 1]!, sorted[index]!];
    if (one.stem !== two.stem) continue;
    throw new DataError(`The ${which} images "${one.file.name}" and "${two.file.name}" have the same stem.`);
  }
  return sorted;
}

function firstAlone(input: Stemmed | undefined, reference: Stemmed | undefined): string {
  const inputAlone = input && (!reference || input.stem < reference.stem);
  return inputAlone
    ? `The input image "${input.file.name}" has no reference image of the same name`
    : `The reference image "${reference!.file.name}" has no input image of the same name`;
}

/** The name without its last extension; names in subfolders keep the subfolder. */
function stemOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot > name.lastIndexOf("/") + 1 ? name.slice(0, dot) : name;
}

function ordinally(a: NamedFile, b: NamedFile): number {
  return compare(a.name, b.name);
}

/** By UTF-16 code units, the same in every locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function requireSome(count: number, what: string): void {
  if (count === 0) throw new DataError(`There are no ${what}.`);
}
