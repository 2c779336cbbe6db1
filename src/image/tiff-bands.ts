/** What a TIFF's samples mean: colors, alpha, a palette's indices, or bands that are none of these; and which are taken. */
import { unsupported } from "./codec.js";
import { ImageError } from "./image.js";
import type { Directory } from "./tiff-directory.js";
import type { Layout } from "./tiff-layout.js";

/** The samples that become channels. */
export interface Bands {
  /** Their numbers from 0, in the order of the channels. */
  readonly taken: readonly number[];
  readonly alpha: boolean;
  /** Whether alpha is associated: colors are stored multiplied by it. */
  readonly associated: boolean;
  /** Colors by index, 16 bits each: all reds, all greens, all blues. */
  readonly palette?: readonly number[];
}

/** What photometric interpretations say of samples that are neither gray nor RGB nor a palette. */
const OTHER: Readonly<Record<number, string>> = {
  5: "CMYK inks",
  6: "YCbCr",
  8: "CIE L*a*b* colors",
  9: "ICC L*a*b* colors",
  10: "ITU L*a*b* colors",
  32803: "a camera's raw mosaic",
  32844: "LogL luminance",
  32845: "LogLuv colors",
};

const MOST = 4;

/** Rejects with an ImageError where the samples are not an image of up to four channels, or `channels` names none of them. */
export async function readBands(directory: Directory, layout: Layout, channels: string | undefined): Promise<Bands> {
  const { samples, photometric } = layout;
  if (channels !== undefined) {
    const taken = await chosen(directory, layout, channels);
    return { taken, alpha: false, associated: false };
  }
  const extra = (await directory.numbers(338))?.at(-1);
  const isAlpha = extra === 1 || extra === 2;
  if (photometric === 3) return paletteOf(directory, layout, isAlpha, extra === 1);
  const other = OTHER[photometric];
  if (other !== undefined && photometric !== 6)
    throw unsupported(`${other}, which cannot be taken for RGB, are`, advice(samples, "Convert to RGB, or set"));
  if (samples > MOST) {
    const what = photometric === 2 ? "RGB and other bands" : "bands that are not colors";
    throw new ImageError(
      `its pixels have ${samples} samples (${what}), and an image has 1 to ${MOST}. ${advice(samples, "Set")}`,
    );
  }
  const colors = photometric === 2 || photometric === 6 ? 3 : 1;
  const alpha = samples === colors + 1 && isAlpha;
  return { taken: upTo(samples), alpha, associated: alpha && extra === 1 };
}

function advice(samples: number, verb: string): string {
  const some = upTo(Math.min(samples, 3)).map((band) => band + 1);
  return `${verb} "channels" of image_import to the bands that you want, such as "${some.join(",")}".`;
}

function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

async function paletteOf(
  directory: Directory,
  { samples, sample }: Layout,
  isAlpha: boolean,
  associated: boolean,
): Promise<Bands> {
  const palette = await directory.numbers(320);
  if (palette === undefined || sample.kind !== "uint" || sample.bits > 16)
    throw unsupported("a palette image without a palette of colors is", advice(samples, "Set"));
  if (palette.length !== 3 * 2 ** sample.bits)
    throw unsupported(`a palette of ${palette.length} values is`, "Convert to RGB.");
  const alpha = samples === 2 && isAlpha;
  return { taken: alpha ? [0, 1] : [0], alpha, associated: alpha && associated, palette };
}

/** Band numbers from 1, names of bands as GDAL writes them, or R, G, B, A. */
async function chosen(
  directory: Directory,
  { samples, photometric }: Layout,
  text: string,
): Promise<readonly number[]> {
  const names = await bandNames(directory);
  const colors = photometric === 2 ? ["r", "g", "b", "a"].slice(0, samples) : [];
  const taken = text.split(",").map((part) => {
    const name = part.trim();
    const band = /^\d+$/.test(name) ? Number(name) - 1 : (names.get(name) ?? colors.indexOf(name.toLowerCase()));
    if (band >= 0 && band < samples) return band;
    const named = [...names.keys()].map((one) => `, "${one}"`).join("");
    throw new ImageError(`"channels" names "${name}", and its bands are 1 to ${samples}${named}.`);
  });
  if (taken.length <= MOST) return taken;
  throw new ImageError(`"channels" names ${taken.length} bands, and an image has 1 to ${MOST}.`);
}

/** GDAL's descriptions of bands, by name. */
async function bandNames(directory: Directory): Promise<ReadonlyMap<string, number>> {
  const xml = (await directory.text(42112)) ?? "";
  const items = xml.matchAll(/<Item name="DESCRIPTION" sample="(\d+)" role="description">([^<]{1,200})<\/Item>/g);
  return new Map([...items].map(([, band, name]) => [name!, Number(band)]));
}
