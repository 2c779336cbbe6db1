/** Where an image lies on the ground, as attributes of its item. Knows no files. */
import type { Value } from "dag-cook";
import type { Geo, Image } from "dag-cook/image";

export const GEO_ATTRIBUTES = {
  pixel_size: "float[]",
  origin: "float[]",
  shear: "float[]",
  crs: "string",
  nodata: "float",
} as const;

/** Those that there are. A "no data" of NaN is none: it shows by itself. */
export function geoAttributes({ pixelSize, origin, shear, crs, nodata }: Geo = {}): Readonly<Record<string, Value>> {
  return {
    ...(pixelSize && { pixel_size: pixelSize }),
    ...(origin && { origin }),
    ...(shear && { shear }),
    ...(crs !== undefined && { crs }),
    ...(nodata !== undefined && Number.isFinite(nodata) && { nodata }),
  };
}

/** The attributes that say where an image is written to lie; its size is the one that they were read with. */
export const PLACE_ATTRIBUTES = ["width", "height", "pixel_size", "origin", "shear", "crs", "nodata"] as const;

export type PlaceAttributes = { readonly [name in (typeof PLACE_ATTRIBUTES)[number]]?: Value };

type Size = Pick<Image, "width" | "height">;

/**
 * Where the result of a conversion lies, by its item's attributes. `decoded`: the image before it, `image`: after. Only the
 * coordinate system is known of an image of another shape than the item says, such as a half of one.
 */
export function placeOf(attributes: PlaceAttributes, decoded: Size, image: Size): Geo {
  const { width, height, pixel_size, origin, shear, crs, nodata } = attributes;
  const rest = { ...(typeof crs === "string" && { crs }), ...(typeof nodata === "number" && { nodata }) };
  const [size, place, turn] = [pair(pixel_size), pair(origin), pair(shear)];
  if (size === undefined || place === undefined || typeof width !== "number" || typeof height !== "number") return rest;
  if (Math.abs(decoded.width * height - decoded.height * width) > Math.max(width, height)) return rest;
  const [across, down] = [width / image.width, height / image.height];
  return {
    ...{ pixelSize: [size[0] * across, size[1] * down] as const, origin: place },
    ...(turn && { shear: [turn[0] * across, turn[1] * down] as const }),
    ...rest,
  };
}

function pair(value: Value | undefined): readonly [number, number] | undefined {
  if (!Array.isArray(value) || value.length !== 2 || !value.every((each) => typeof each === "number")) return undefined;
  return value as unknown as readonly [number, number];
}
