/** Where a raster lies on the ground: GeoTIFF's tags and GDAL's "no data", to and from `Geo`. Knows no pixels. */
import type { Geo } from "./header.js";
import type { Directory } from "./tiff-directory.js";

const SCALE = 33550;
const TIEPOINTS = 33922;
const TRANSFORM = 34264;
const KEYS = 34735;
const DOUBLES = 34736;
const TEXTS = 34737;
const NODATA = 42113;

/** Numbers of GeoTIFF's keys. */
const KEY = { model: 1024, raster: 1025, geographic: 2048, projected: 3072 } as const;
const POINT = 2;
const USER = 32767;

/** Keys and their values. */
type Keys = ReadonlyMap<number, number | string | readonly number[]>;

/** What a TIFF says, or undefined where it says nothing. */
export async function readGeo(directory: Directory): Promise<Geo | undefined> {
  const keys = await readKeys(directory);
  const transform = affine(
    await directory.numbers(SCALE),
    await directory.numbers(TIEPOINTS),
    await directory.numbers(TRANSFORM),
  );
  const nodata = Number((await directory.text(NODATA))?.trim() || undefined);
  const isNan = /^\s*[-+]?nan/i.test((await directory.text(NODATA)) ?? "");
  const crs = crsOf(keys);
  const geo: Geo = {
    ...(transform?.every(Number.isFinite) && placed(transform, keys.get(KEY.raster) === POINT)),
    ...(crs !== undefined && { crs }),
    ...((isNan || !Number.isNaN(nodata)) && { nodata: isNan ? Number.NaN : nodata }),
  };
  return Object.keys(geo).length === 0 ? undefined : geo;
}

/** x = a·column + b·row + c, y = d·column + e·row + f. */
type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

function affine(
  scale: readonly number[] | undefined,
  ties: readonly number[] | undefined,
  matrix: readonly number[] | undefined,
): Affine | undefined {
  if (matrix !== undefined && matrix.length >= 8) {
    const [a, b, , c, d, e, , f] = matrix as unknown as readonly [...Affine, number, number];
    return [a, b, c, d, e, f] as Affine;
  }
  if (scale === undefined || ties === undefined || scale.length < 2 || ties.length < 6) return undefined;
  const [i = 0, j = 0, , x = 0, y = 0] = ties;
  const [across = 1, down = 1] = scale;
  return [across, 0, x - i * across, 0, -down, y + j * down];
}

/** `isPoint`: coordinates are those of the pixels' centers. */
function placed([a, b, c, d, e, f]: Affine, isPoint: boolean): Pick<Geo, "pixelSize" | "origin" | "shear"> {
  const half = isPoint ? 0.5 : 0;
  return {
    pixelSize: [a, -e],
    origin: [c - half * (a + b), f - half * (d + e)],
    ...((b !== 0 || d !== 0) && { shear: [d, b] as const }),
  };
}

async function readKeys(directory: Directory): Promise<Keys> {
  const words = (await directory.numbers(KEYS)) ?? [];
  const doubles = (await directory.numbers(DOUBLES)) ?? [];
  const texts = (await directory.text(TEXTS)) ?? "";
  const keys = new Map<number, number | string | readonly number[]>();
  for (let at = 4; at + 3 < words.length; at += 4) {
    const [key = 0, place, count = 0, value = 0] = words.slice(at, at + 4);
    if (place === 0) keys.set(key, value);
    else if (place === TEXTS) keys.set(key, texts.slice(value, value + count).replace(/\|$/, ""));
    else if (place === DOUBLES) keys.set(key, doubles.slice(value, value + count));
  }
  return keys;
}

function crsOf(keys: Keys): string | undefined {
  const model = keys.get(KEY.model);
  const code = keys.get(model === 2 ? KEY.geographic : KEY.projected);
  if (typeof code === "number" && code >= 1024 && code < USER) return `EPSG:${code}`;
  const rest = [...keys].filter(([key]) => key !== KEY.raster);
  return rest.length === 0 ? undefined : `geokeys:${JSON.stringify(Object.fromEntries(rest))}`;
}

/** A tag of a GeoTIFF that is written. */
export type GeoTag = readonly [tag: number, type: "short" | "double" | "ascii", values: readonly number[] | string];

/** The tags that say it, by rising numbers. Pixels are areas: coordinates are those of corners. */
export function geoTags({ pixelSize, origin, shear, crs, nodata }: Geo): readonly GeoTag[] {
  const tags: GeoTag[] = [];
  if (pixelSize !== undefined && origin !== undefined) {
    const [[a, e], [x, y], [d, b]] = [pixelSize, origin, shear ?? [0, 0]];
    if (shear !== undefined || e < 0 || a < 0)
      tags.push([TRANSFORM, "double", [a, b, 0, x, d, -e, 0, y, 0, 0, 0, 0, 0, 0, 0, 1]]);
    else tags.push([SCALE, "double", [a, e, 0]], [TIEPOINTS, "double", [0, 0, 0, x, y, 0]]);
  }
  tags.push(...keyTags(crs));
  if (nodata !== undefined) tags.push([NODATA, "ascii", Number.isNaN(nodata) ? "nan" : String(nodata)]);
  return tags;
}

function keyTags(crs: string | undefined): readonly GeoTag[] {
  const keys = keysOf(crs);
  if (keys === undefined) return [];
  const [words, doubles]: [number[], number[]] = [[], []];
  let texts = "";
  for (const [key, value] of [...keys].sort(([a], [b]) => a - b)) {
    if (typeof value === "number") words.push(key, 0, 1, value);
    else if (typeof value === "string") {
      words.push(key, TEXTS, value.length + 1, texts.length);
      texts += `${value}|`;
    } else {
      words.push(key, DOUBLES, value.length, doubles.length);
      doubles.push(...value);
    }
  }
  return [
    [KEYS, "short", [1, 1, 0, keys.size, ...words]],
    ...(doubles.length > 0 ? ([[DOUBLES, "double", doubles]] as const) : []),
    ...(texts !== "" ? ([[TEXTS, "ascii", texts]] as const) : []),
  ];
}

/** Undefined for a text that says no coordinate system. Of EPSG's numbers those from 4000 to 4999 are of degrees. */
function keysOf(crs: string | undefined): Map<number, number | string | readonly number[]> | undefined {
  const epsg = /^EPSG:(\d{4,5})$/i.exec(crs ?? "");
  const keys = new Map<number, number | string | readonly number[]>([[KEY.raster, 1]]);
  if (epsg !== null) {
    const code = Number(epsg[1]);
    const isGeographic = code >= 4000 && code < 5000;
    return keys.set(KEY.model, isGeographic ? 2 : 1).set(isGeographic ? KEY.geographic : KEY.projected, code);
  }
  if (!crs?.startsWith("geokeys:")) return undefined;
  for (const [key, value] of Object.entries(JSON.parse(crs.slice("geokeys:".length)) as object))
    keys.set(Number(key), value);
  return keys;
}
