/** How DWA stores each channel: by the last part of its name and its type, as the file says or as old files do. Decodes no pixels. */
import { ExrError, PIXEL_TYPES, type PixelType } from "../structure/file.js";
import type { BlockChannel } from "../structure/layout.js";
import { Reader } from "../structure/reader.js";

/** `plain`: zlib; `dct`: lossy; `rle`: runs, for alpha. */
export type Scheme = "plain" | "dct" | "rle";
const SCHEMES: readonly Scheme[] = ["plain", "dct", "rle"];

interface Rule {
  readonly suffix: string;
  readonly type: PixelType;
  readonly scheme: Scheme;
  /** Its place in R, G, B, which are transformed together; −1 for others. */
  readonly color: number;
  readonly anyCase: boolean;
}

/** Those of files before version 2. */
const OLD_RULES: readonly Rule[] = [
  ...[
    ["r", "red"],
    ["g", "grn", "green"],
    ["b", "blu", "blue"],
  ].flatMap((names, color) => {
    return names.flatMap((name) => lossy(name, color));
  }),
  ...["y", "by", "ry"].flatMap((name) => lossy(name, -1)),
  ...PIXEL_TYPES.map((type): Rule => ({ suffix: "a", type, scheme: "rle", color: -1, anyCase: true })),
];

function lossy(suffix: string, color: number): readonly Rule[] {
  return (["half", "float"] as const).map((type) => ({ suffix, type, scheme: "dct", color, anyCase: true }));
}

export interface Schemes {
  /** Of each channel. */
  readonly schemes: readonly Scheme[];
  /** Indices of the channels R, G, B that are transformed together, in the order of the data. */
  readonly colors: readonly (readonly [number, number, number])[];
}

export function schemesOf(channels: readonly BlockChannel[], rules: readonly Rule[] = OLD_RULES): Schemes {
  const sets = new Map<string, number[]>();
  const schemes = channels.map(({ name, type }, index): Scheme => {
    const dot = name.lastIndexOf(".");
    const suffix = name.slice(dot + 1);
    const layer = name.slice(0, dot + 1);
    const set = sets.get(layer) ?? [-1, -1, -1];
    sets.set(layer, set);
    let scheme: Scheme = "plain";
    for (const rule of rules) {
      const same = rule.anyCase ? rule.suffix.toLowerCase() === suffix.toLowerCase() : rule.suffix === suffix;
      if (!same || rule.type !== type) continue;
      scheme = rule.scheme;
      if (rule.color >= 0) set[rule.color] = index;
    }
    return scheme;
  });
  const colors = [...sets.values()].filter((set) =>
    set.every((index) => index >= 0 && alike(channels, set[0]!, index)),
  );
  if (colors.flat().some((index) => schemes[index] !== "dct")) throw new ExrError("its rules for channels are damaged");
  return { schemes, colors: colors as unknown as Schemes["colors"] };
}

function alike(channels: readonly BlockChannel[], a: number, b: number): boolean {
  const [one, other] = [channels[a]!, channels[b]!];
  return one.xSampling === other.xSampling && one.ySampling === other.ySampling;
}

/** The rules that a chunk of version 2 begins with; answers their length in bytes as well. */
export function readRules(bytes: Uint8Array): { rules: readonly Rule[]; length: number } {
  const length = bytes.length < 2 ? 0 : bytes[0]! | (bytes[1]! << 8);
  if (length < 2 || length > bytes.length) throw new ExrError("its rules for channels are damaged");
  const reader = new Reader(bytes.subarray(2, length));
  const rules: Rule[] = [];
  while (reader.at < length - 2) {
    const suffix = reader.text("a rule");
    const [value, code] = [reader.u8("a rule"), reader.u8("a rule")];
    const [scheme, type, color] = [SCHEMES[(value >> 2) & 3], PIXEL_TYPES[code], (value >> 4) - 1];
    if (scheme === undefined || type === undefined || color > 2) {
      throw new ExrError("its rules for channels are damaged");
    }
    rules.push({ suffix, type, scheme, color, anyCase: (value & 1) !== 0 });
  }
  return { rules, length };
}
