/** Moves pixels about: crops, halves, flips, rotation. Pure; values and depth are kept. Knows nothing of randomness. */
import { type Image, ImageError, withPlanes } from "./image.js";

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
  const data = new Float32Array(image.channels * width * height);
  for (let c = 0, to = 0; c < image.channels; c++) {
    for (let row = 0; row < height; row++, to += width) {
      const from = (c * image.height + y + row) * image.width + x;
      data.set(image.data.subarray(from, from + width), to);
    }
  }
  return withPlanes(image, width, height, data);
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
  const { width, data } = image;
  const flipped = new Float32Array(data.length);
  for (let row = 0; row < data.length; row += width) {
    for (let x = 0, from = row + width - 1; x < width; x++, from--) flipped[row + x] = data[from]!;
  }
  return { ...image, data: flipped };
}

/** Mirrors top and bottom. */
export function flipVertical(image: Image): Image {
  const { width, height, channels, data } = image;
  const flipped = new Float32Array(data.length);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const from = (c * height + height - 1 - y) * width;
      flipped.set(data.subarray(from, from + width), (c * height + y) * width);
    }
  }
  return { ...image, data: flipped };
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
  const data = new Float32Array(image.data.length);
  const pixels = width * height;
  for (let y = 0, at = 0; y < height; y++) {
    const down = (y + 0.5 - height / 2) / zoom;
    for (let x = 0; x < width; x++, at++) {
      const right = (x + 0.5 - width / 2) / zoom;
      // The image's y axis points down, so a counter-clockwise turn reads from the clockwise place.
      const fromX = cos * right - sin * down + width / 2 - 0.5;
      const fromY = sin * right + cos * down + height / 2 - 0.5;
      for (let c = 0; c < channels; c++) {
        data[c * pixels + at] = bilinear(image.data, c * pixels, width, height, fromX, fromY);
      }
    }
  }
  return { ...image, data };
}

/** The value at a place between pixel centres; outside the outermost centres the edge goes on. */
function bilinear(data: Float32Array, plane: number, width: number, height: number, x: number, y: number): number {
  const clampedX = Math.min(Math.max(x, 0), width - 1);
  const clampedY = Math.min(Math.max(y, 0), height - 1);
  const left = Math.floor(clampedX);
  const top = Math.floor(clampedY);
  const toRight = left < width - 1 ? 1 : 0;
  const toBelow = top < height - 1 ? width : 0;
  const alongX = clampedX - left;
  const alongY = clampedY - top;
  const at = plane + top * width + left;
  const above = data[at]! * (1 - alongX) + data[at + toRight]! * alongX;
  const below = data[at + toBelow]! * (1 - alongX) + data[at + toBelow + toRight]! * alongX;
  return above * (1 - alongY) + below * alongY;
}
