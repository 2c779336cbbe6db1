/** How a generator's values and those of files go together, as text in the metadata of checkpoints and ONNX files. */
import { isUnit, type Range, UNIT } from "../../image/range.js";
import type { AlphaUse, SampleValues, SideKind } from "./network-image.js";

/** What is done to a generator's images before it, and after it. */
export interface DataForm {
  readonly alpha: AlphaUse;
  readonly input_range: Range;
  readonly output_range: Range;
}

/** The sides that a generator maps between: the first makes references of inputs, the second (unpaired) the reverse. */
export function sidesOf(generator: number): { readonly from: SideKind; readonly to: SideKind } {
  return generator === 0 ? { from: "input", to: "reference" } : { from: "reference", to: "input" };
}

/** The form of a training's generator. */
export function dataFormOf(values: SampleValues, generator: number): DataForm {
  const { from, to } = sidesOf(generator);
  return { alpha: values.alpha, input_range: values[`${from}_range`], output_range: values[`${to}_range`] };
}

/** Entries of a file's metadata. */
export function describeData({ alpha, input_range, output_range }: DataForm): Readonly<Record<string, string>> {
  return { alpha, input_range: JSON.stringify(input_range), output_range: JSON.stringify(output_range) };
}

/** The form that metadata describes; what it does not name is the usual. Throws an Error that names what makes no sense. */
export function describedData(metadata: Readonly<Record<string, string | undefined>>): DataForm {
  const { alpha = "drop", input_range, output_range } = metadata;
  if (alpha !== "drop" && alpha !== "keep") throw new Error(`its metadata "alpha" is "${alpha}", not "drop" or "keep"`);
  return {
    alpha,
    input_range: rangeFrom("input_range", input_range),
    output_range: rangeFrom("output_range", output_range),
  };
}

function rangeFrom(name: string, text: string | undefined): Range {
  if (text === undefined) return UNIT;
  const range = parsed(text);
  if (isRange(range)) return isUnit(range) ? UNIT : range;
  throw new Error(`its metadata "${name}" is ${JSON.stringify(text)}, not such as "[0, 1]"`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether a value is [low, high] with low below high. */
function isRange(value: unknown): value is Range {
  const [low, high, ...more] = Array.isArray(value) ? (value as unknown[]) : [];
  return Number.isFinite(low) && Number.isFinite(high) && more.length === 0 && (low as number) < (high as number);
}
