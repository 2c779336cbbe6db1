/** Moves pixels about: crops, halves, flips, rotation. Pure; values and depth are kept. Knows nothing of randomness. */
import { emptyLike, fullOf, type Image, ImageError, type Samples, withSamples } from "./image.js";

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

/**
 * Turns an image counter-clockwise about its centre within its own size, zoomed so that no corner is empty: by
 * |cos θ| + |sin θ| for a square, by the larger of |cos θ| + |sin θ|·h/w and |cos θ| + |sin θ|·w/h for others. Bilinear.
 */
export function rotate(image: Image, degrees: number): Image {
  const { width, height, channels } = image;
  const angle = (degrees * Math.PI) / 180;
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const stretch = Math.max(width / height, height / width);
  const zoom = Math.abs(cos) + Math.abs(sin) * stretch;
  const turned = new Float32Array(image.samples.length);
  for (let y = 0, at = 0; y < height; y++) {
    const down = (y + 0.5 - height / 2) / zoom;
    for (let x = 0; x < width; x++, at += channels) {
      const right = (x + 0.5 - width / 2) / zoom;
      // The image's y axis points down, so a counter-clockwise turn reads from the clockwise place.
      const fromX = cos * right - sin * down + width / 2 - 0.5;
      const fromY = sin * right + cos * down + height / 2 - 0.5;
      bilinear(turned, at, image, fromX, fromY);
    }
  }
  return { ...image, samples: turned };
}

/** The pixel at a place between pixel centres; outside the outermost centres the edge goes on. */
function bilinear(
  target: Samples,
  at: number,
  { width, height, channels, samples }: Image,
  x: number,
  y: number,
): void {
  const clampedX = Math.min(Math.max(x, 0), width - 1);
  const clampedY = Math.min(Math.max(y, 0), height - 1);
  const left = Math.floor(clampedX);
  const top = Math.floor(clampedY);
  const toRight = left < width - 1 ? channels : 0;
  const toBelow = top < height - 1 ? width * channels : 0;
  const alongX = clampedX - left;
  const alongY = clampedY - top;
  const full = fullOf(samples);
  for (let c = 0, from = (top * width + left) * channels; c < channels; c++, from++) {
    const above = samples[from]! * (1 - alongX) + samples[from + toRight]! * alongX;
    const below = samples[from + toBelow]! * (1 - alongX) + samples[from + toBelow + toRight]! * alongX;
    target[at + c] = (above * (1 - alongY) + below * alongY) / full;
  }
}
