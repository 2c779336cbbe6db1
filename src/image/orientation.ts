/** Turns a stored image upright by Exif's orientation. Knows no files. */
import { flipHorizontal, flipVertical } from "./geometry.js";
import { emptyLike, type Image, withSamples } from "./image.js";

/** `orientation`: 1 (as stored) to 8, by Exif 2.3; what is none of these changes nothing. */
export function oriented(image: Image, orientation: number): Image {
  switch (orientation) {
    case 2:
      return flipHorizontal(image);
    case 3:
      return flipVertical(flipHorizontal(image));
    case 4:
      return flipVertical(image);
    case 5:
      return transposed(image);
    case 6:
      return flipHorizontal(transposed(image));
    case 7:
      return flipVertical(flipHorizontal(transposed(image)));
    case 8:
      return flipVertical(transposed(image));
    default:
      return image;
  }
}

/** Rows become columns. */
function transposed(image: Image): Image {
  const { width, height, channels, samples } = image;
  const turned = emptyLike(samples, samples.length);
  for (let y = 0, from = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++) turned[(x * height + y) * channels + c] = samples[from++]!;
  return withSamples(image, height, width, turned);
}
