/** Small pieces of SVG, and SVG to pixels. Knows neither sheets nor plots. */
import { type Image, ImageError, imageOf } from "./image.js";
import { loadSharp } from "./sharp.js";

/** librsvg draws nothing longer. */
export const MAX_SIDE = 32_767;

/** Font families by preference; the last is whatever the machine has. */
const FONT = "DejaVu Sans, Verdana, Arial, sans-serif";

/** Text as it may stand in SVG content and attributes; characters that XML forbids become U+FFFD. */
export function escapeText(text: string): string {
  const named: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"']/g, (character) => named[character]!);
}

/** How a line of text stands. */
export interface TextStyle {
  /** Height of the font in pixels; 12 unless given. */
  readonly size?: number;
  readonly anchor?: "start" | "middle" | "end";
  readonly color?: string;
  /** Degrees, clockwise, about (x, y). */
  readonly turn?: number;
}

/** A text element with its baseline at (x, y). The text is escaped. */
export function textElement(x: number, y: number, text: string, style: TextStyle = {}): string {
  const { size = 12, anchor = "start", color = "#202020", turn } = style;
  const transform = turn === undefined ? "" : ` transform="rotate(${turn} ${x} ${y})"`;
  const font = `font-family="${FONT}" font-size="${size}" text-anchor="${anchor}" fill="${escapeText(color)}"`;
  return `<text x="${x}" y="${y}" ${font}${transform}>${escapeText(text)}</text>`;
}

/** A whole document. */
export function svgDocument(width: number, height: number, elements: readonly string[]): string {
  const box = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box}>\n${elements.join("\n")}\n</svg>\n`;
}

/** Draws SVG text of this package's own making: 8-bit RGBA at its own size. Rejects with an ImageError. */
export async function renderSvg(svg: string): Promise<Image> {
  const sharp = await loadSharp();
  const { data: pixels, info } = await sharp(Buffer.from(svg))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: Error) => {
      throw new ImageError(`A drawing cannot be rendered (${cause.message}).`, { cause });
    });
  const { buffer, byteOffset, length } = pixels;
  const samples = new Uint8Array(buffer as ArrayBuffer, byteOffset, length);
  return imageOf({ width: info.width, height: info.height, channels: 4 }, samples, 8, true);
}
