/** Which part of an OpenEXR file, and which of its channels, become the image. Reads no bytes. */
import { canUnpack } from "./codec/codec.js";
import { type ExrChannel, ExrError, type ExrHeader, type ExrPart } from "./structure/file.js";

/** An image has at most this many channels where none are named. */
const MOST = 4;

/** Sets of names that are an image of their own, the first that fits; what an optional one adds stands last. */
const USUAL: readonly (readonly [names: readonly string[], optional: string])[] = [
  [["R", "G", "B"], "A"],
  [["X", "Y", "Z"], "A"],
  [["Y"], "A"],
];

/** The order in which the channels of a layer are taken. */
const ORDER = ["R", "G", "B", "X", "Y", "Z", "U", "V", "W", "A"];

/** A part by its name or number (from 0); without one, the first. */
export function choosePart({ parts }: ExrHeader, wanted?: string | number): ExrPart {
  const part =
    wanted === undefined ? parts[0]! : (parts.find(({ name }) => name === String(wanted)) ?? parts[Number(wanted)]);
  if (part === undefined) throw new ExrError(`it has no part "${wanted}". ${partsOf(parts)}`);
  if (part.deep) {
    const others = parts.some(({ deep }) => !deep) ? ` ${partsOf(parts)}` : "";
    throw new ExrError(`it holds deep data (several samples a pixel), which cannot be read. Flatten it.${others}`);
  }
  if (!canUnpack(part.compression)) {
    throw new ExrError(`its compression ${part.compression} cannot be read. Write it with ZIP or PIZ.`);
  }
  return part;
}

function partsOf(parts: readonly ExrPart[]): string {
  const named = parts.map(({ name, deep }, index) => `${index}${name ? ` "${name}"` : ""}${deep ? " (deep)" : ""}`);
  return `Its parts: ${named.slice(0, 20).join(", ")}${named.length > 20 ? ", …" : ""}.`;
}

/**
 * Channels by their names, a layer's name for all of its channels, or a list with commas of both; without any: R, G, B,
 * else X, Y, Z, else Y, each with A where there is one; else all of up to four, else those of the only layer.
 */
export function chooseChannels({ channels }: ExrPart, wanted?: string): readonly ExrChannel[] {
  if (wanted !== undefined) return wanted.split(",").flatMap((name) => named(channels, name.trim()));
  const usual = usualOf(channels, "");
  if (usual !== undefined) return checkedLuma(channels, usual);
  const layers = new Set(channels.map(({ name }) => layerOf(name)));
  const [layer] = layers;
  const inLayer = layers.size === 1 ? usualOf(channels, layer!) : undefined;
  if (inLayer !== undefined) return checkedLuma(channels, inLayer);
  if (channels.length <= MOST) return inOrder(channels);
  throw new ExrError(
    `it has ${channels.length} channels, and none named R, G, B or Y. ${channelsOf(channels)} Choose with "channels".`,
  );
}

/** Luminance with chroma is a colour image in another form: luminance alone is not what it shows. */
function checkedLuma(channels: readonly ExrChannel[], chosen: readonly ExrChannel[]): readonly ExrChannel[] {
  const chroma = channels.filter(({ name }) => /(^|\.)[RB]Y$/.test(name));
  if (chroma.length === 0 || chosen.some(({ name }) => /(^|\.)R$/.test(name))) return chosen;
  throw new ExrError(
    `it holds luminance and chroma (${channels.map(({ name }) => name).join(", ")}) instead of R, G, B. Convert it, or choose with "channels", like "Y".`,
  );
}

function usualOf(channels: readonly ExrChannel[], layer: string): readonly ExrChannel[] | undefined {
  const find = (name: string) => {
    const exact = channels.find((channel) => channel.name === layer + name);
    return exact ?? channels.find((channel) => channel.name === layer + name.toLowerCase());
  };
  for (const [names, optional] of USUAL) {
    const found = names.map(find);
    if (found.some((channel) => channel === undefined)) continue;
    const alpha = find(optional);
    return alpha === undefined ? (found as ExrChannel[]) : ([...found, alpha] as ExrChannel[]);
  }
  return undefined;
}

function named(channels: readonly ExrChannel[], name: string): readonly ExrChannel[] {
  const exact = channels.find((channel) => channel.name === name);
  if (exact !== undefined) return [exact];
  const layer = channels.filter((channel) => layerOf(channel.name) === `${name}.`);
  if (layer.length > 0 && name !== "") return inOrder(layer);
  throw new ExrError(`it has no channel and no layer "${name}". ${channelsOf(channels)}`);
}

function channelsOf(channels: readonly ExrChannel[]): string {
  const names = channels.map(({ name }) => name);
  return `Its channels: ${names.slice(0, 40).join(", ")}${names.length > 40 ? ", …" : ""}.`;
}

function inOrder(channels: readonly ExrChannel[]): readonly ExrChannel[] {
  const rank = ({ name }: ExrChannel) => {
    const place = ORDER.indexOf(name.slice(layerOf(name).length).toUpperCase());
    return place === -1 ? ORDER.length : place;
  };
  return [...channels].sort((a, b) => rank(a) - rank(b));
}

/** With its dot: `albedo.` of `albedo.R`. */
function layerOf(name: string): string {
  return name.slice(0, name.lastIndexOf(".") + 1);
}

/** Whether a channel is an alpha. */
export function isAlpha({ name }: ExrChannel): boolean {
  return /(^|\.)(A|a|alpha)$/.test(name);
}
