/** Moves pixels about: crops, halves, flips, rotation. Pure; values and depth are kept. Knows nothing of randomness. */
import { emptyLike, fullOf, type Image, ImageError, withSamples } from "./image.js";

/** A rectangle in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The pixels of a box with whole coordinates. Throws an ImageError where the box leaves the image. */
export function crop(image: Image, { x, y, width, height }: Box): Image {
  const inside =
    x >= 0 && y >= 0 && width >= 1 && height >= 1 && x + width <= image.width && y + height <= image.height;
  if (!inside || ![x, y, width, height].every(Number.isInteger)) {
    throw new ImageError(
      `A box of ${width}×${height} at (${x}, ${y}) is not inside an image of ${image.width}×${image.height}.`,
    );
  }
  if (width === image.width && height === image.height) return image;
  const { channels, samples } = image;
  const line = width * channels;
  const cut = emptyLike(samples, line * height);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * image.width + x) * channels;
    cut.set(samples.subarray(from, from + line), row * line);
  }
  return withSamples(image, width, height, cut);
}

/** How a composite is cut. */
export type Halving = "left_right" | "top_bottom";

/** Left and right, or top and bottom half. Throws an ImageError where the side that is halved is odd. */
export function halves(image: Image, halving: Halving = "left_right"): readonly [Image, Image] {
  const { width, height } = image;
  if (halving === "left_right") {
    if (width % 2 !== 0) throw new ImageError(`An odd width (${width}×${height}) cannot be split into left and right.`);
    const half = width / 2;
    return [crop(image, { x: 0, y: 0, width: half, height }), crop(image, { x: half, y: 0, width: half, height })];
  }
  if (height % 2 !== 0) throw new ImageError(`An odd height (${width}×${height}) cannot be split into top and bottom.`);
  const half = height / 2;
  return [crop(image, { x: 0, y: 0, width, height: half }), crop(image, { x: 0, y: half, width, height: half })];
}

/** Mirrors left and right. */
export function flipHorizontal(image: Image): Image {
  const { width, channels, samples } = image;
  const line = width * channels;
  const flipped = emptyLike(samples, samples.length);
  for (let row = 0; row < samples.length; row += line) {
    for (let to = row, from = row + line - channels; to < row + line; to += channels, from -= channels) {
      for (let c = 0; c < channels; c++) flipped[to + c] = samples[from + c]!;
    }
  }
  return { ...image, samples: flipped };
}

/** Mirrors top and bottom. */
export function flipVertical(image: Image): Image {
  const { width, channels, samples } = image;
  const line = width * channels;
  const flipped = emptyLike(samples, samples.length);
  for (let to = 0, from = samples.length - line; from >= 0; to += line, from -= line) {
    flipped.set(samples.subarray(from, from + line), to);
  }
  return { ...image, samples: flipped };
}

/** Whether sides are exchanged. */
export interface Flips {
  readonly flipHorizontal: boolean;
  readonly flipVertical: boolean;
}

/**
 * Turns an image counter-clockwise about its centre within its own size, zoomed so that no corner is empty: by
 * |cos θ| + |sin θ| for a square, by the larger of |cos θ| + |sin θ|·h/w and |cos θ| + |sin θ|·w/h for others. Bilinear;
 * outside the outermost centres the edge goes on. With `flips`, the flipped image is turned.
 */
export function rotate(image: Image, degrees: number, flips?: Flips): Image {
  const { width, height, channels } = image;
  const angle = (degrees * Math.PI) / 180;
  const stretch = Math.max(width / height, height / width);
  const zoom = Math.abs(Math.cos(angle)) + Math.abs(Math.sin(angle)) * stretch;
  const [cos, sin] = [Math.cos(angle) / zoom, Math.sin(angle) / zoom];
  const turned = new Float32Array(image.samples.length);
  for (let y = 0; y < height; y++) {
    const down = y + 0.5 - height / 2;
    // The image's y axis points down, so a counter-clockwise turn reads from the clockwise place.
    const start = {
      x: width / 2 - 0.5 - sin * down - cos * (width / 2 - 0.5),
      y: height / 2 - 0.5 + cos * down - sin * (width / 2 - 0.5),
    };
    const [mirrored, reversed] = [flips?.flipHorizontal ?? false, flips?.flipVertical ?? false];
    readAlong(
      image,
      { x: mirrored ? width - 1 - start.x : start.x, y: reversed ? height - 1 - start.y : start.y },
      { x: mirrored ? -cos : cos, y: reversed ? -sin : sin },
      turned.subarray(y * width * channels, (y + 1) * width * channels),
    );
  }
  return { ...image, samples: turned };
}

/** The values between pixel centres at equal steps along a line. */
function readAlong(
  { width, height, channels, samples }: Image,
  start: { readonly x: number; readonly y: number },
  step: { readonly x: number; readonly y: number },
  target: Float32Array,
): void {
  const [lastX, lastY, line] = [width - 1, height - 1, width * channels];
  const full = fullOf(samples);
  for (let at = 0, pixel = 0; at < target.length; pixel++) {
    const x = Math.min(Math.max(start.x + pixel * step.x, 0), lastX);
    const y = Math.min(Math.max(start.y + pixel * step.y, 0), lastY);
    const left = Math.trunc(x);
    const top = Math.trunc(y);
    const alongX = x - left;
    const alongY = y - top;
    const from = top * line + left * channels;
    const right = from + (left < lastX ? channels : 0);
    const down = top < lastY ? line : 0;
    const weight = (1 - alongX) * (1 - alongY);
    const ofRight = alongX * (1 - alongY);
    const ofBelow = (1 - alongX) * alongY;
    const ofBoth = alongX * alongY;
    for (let c = 0; c < channels; c++, at++) {
      const above = samples[from + c]! * weight + samples[right + c]! * ofRight;
      target[at] = (above + samples[from + down + c]! * ofBelow + samples[right + down + c]! * ofBoth) / full;
    }
  }
}
