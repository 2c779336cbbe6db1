/** Transfer functions: from stored values to light and back, where an artist asks for it. Knows no files. */
import { type Image, valuesOf } from "./image.js";

/**
 * How values stand for light.
 * - `linear`: as light.
 * - `srgb`: IEC 61966-2-1.
 * - `rec709`: the camera curve of ITU-R BT.709-6, 1.2, with its three digits.
 * - `cineon`: Kodak's 10-bit printing density (Conversion of 10-bit Log Film Data To 8-bit Linear or Video Data, 1995):
 *   black at code 95, white at 685, 0.002 of density a code, gamma 0.6 of the negative; code/1023 is stored.
 *
 * Negative values of `srgb` and `rec709` are those of their magnitudes, with the sign (IEC 61966-2-2 for sRGB); values above 1
 * go on along the curve.
 */
export const TRANSFERS = ["linear", "srgb", "rec709", "cineon"] as const;
export type Transfer = (typeof TRANSFERS)[number];

type Curve = (value: number) => number;

const CINEON_GAIN = 0.002 / 0.6;
/** Light of code 95, of which black is subtracted. */
const CINEON_BLACK = 10 ** ((95 - 685) * CINEON_GAIN);

const TO_LINEAR: Readonly<Record<Transfer, Curve>> = {
  linear: (v) => v,
  srgb: mirrored((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)),
  rec709: mirrored((v) => (v < 0.081 ? v / 4.5 : ((v + 0.099) / 1.099) ** (1 / 0.45))),
  cineon: (v) => (10 ** ((v * 1023 - 685) * CINEON_GAIN) - CINEON_BLACK) / (1 - CINEON_BLACK),
};

const FROM_LINEAR: Readonly<Record<Transfer, Curve>> = {
  linear: (v) => v,
  srgb: mirrored((v) => (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055)),
  rec709: mirrored((v) => (v < 0.018 ? v * 4.5 : 1.099 * v ** 0.45 - 0.099)),
  // What is darker than any code is code 0.
  cineon: (v) => {
    const light = v * (1 - CINEON_BLACK) + CINEON_BLACK;
    return light <= 0 ? 0 : Math.max(0, (685 + Math.log10(light) / CINEON_GAIN) / 1023);
  },
};

function mirrored(curve: Curve): Curve {
  return (v) => (v < 0 ? -curve(-v) : curve(v));
}

/** The image with its colors in another transfer; alpha stays. NaN stays NaN. */
export function transferred(image: Image, from: Transfer, to: Transfer): Image {
  if (from === to) return image;
  const [decode, encode] = [TO_LINEAR[from], FROM_LINEAR[to]];
  const samples = valuesOf(image);
  const { channels } = image;
  const colors = channels - (image.alpha ? 1 : 0);
  for (let pixel = 0; pixel < samples.length; pixel += channels) {
    for (let at = pixel; at < pixel + colors; at++) samples[at] = encode(decode(samples[at]!));
  }
  return { ...image, samples };
}
