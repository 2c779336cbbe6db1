/** Contact sheets: rows of images with labels, on one canvas. Knows nothing of training; values are shown as 0..1. */
import { layOver } from "./composite.js";
import { type Image, ImageError, imageOf } from "./image.js";
import { resize } from "./resize.js";
import { MAX_SIDE, renderSvg, svgDocument, textElement } from "./svg.js";

/** One row: a label at the left, then an image per column (`undefined` leaves a gap). */
export interface SheetRow {
  readonly label: string;
  readonly images: readonly (Image | undefined)[];
}

/** What a contact sheet shows. */
export interface Sheet {
  /** Headings of the columns, for example input, reference, output. */
  readonly columns: readonly string[];
  readonly rows: readonly SheetRow[];
  readonly title?: string;
  /** Side of a cell in pixels; images are fitted into it, their aspect kept. 128 unless given. */
  readonly cell?: number;
}

const GAP = 6;
const HEADING = 22;
const FONT_SIZE = 12;
/** A generous mean width of a character, since no font is measured. */
const CHARACTER = FONT_SIZE * 0.62;
const MAX_LABEL = 40;

interface Layout {
  readonly cell: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Draws a contact sheet: 8-bit RGB on white. Rejects with an ImageError where it would be too long to draw. */
export async function contactSheet(sheet: Sheet): Promise<Image> {
  const layout = layOut(sheet);
  const { width, height } = layout;
  if (width > MAX_SIDE || height > MAX_SIDE) {
    throw new ImageError(
      `A contact sheet of ${width}×${height} is above ${MAX_SIDE} pixels: use fewer rows or smaller cells.`,
    );
  }
  const canvas = imageOf({ width, height, channels: 3 }, new Uint8Array(3 * width * height).fill(255));
  for (const [row, { images }] of sheet.rows.entries()) {
    for (const [column, image] of images.entries()) {
      if (image) pasteCell(canvas, image, layout, column, row);
    }
  }
  layOver(canvas, await renderSvg(labels(sheet, layout)), { x: 0, y: 0 });
  return canvas;
}

function layOut({ columns, rows, title, cell = 128 }: Sheet): Layout {
  const longest = Math.max(0, ...rows.map((row) => shorten(row.label).length));
  const left = longest === 0 ? GAP : Math.ceil(longest * CHARACTER) + 2 * GAP;
  const top = (title ? HEADING : 0) + (columns.some(Boolean) ? HEADING : GAP);
  const count = Math.max(1, columns.length, ...rows.map((row) => row.images.length));
  return { cell, left, top, width: left + count * (cell + GAP), height: top + rows.length * (cell + GAP) + GAP };
}

function cellX({ left, cell }: Layout, column: number): number {
  return left + column * (cell + GAP);
}

function cellY({ top, cell }: Layout, row: number): number {
  return top + row * (cell + GAP);
}

function shorten(label: string): string {
  return label.length > MAX_LABEL ? `${label.slice(0, MAX_LABEL - 1)}…` : label;
}

function labels(sheet: Sheet, layout: Layout): string {
  const elements = sheet.columns.map((name, column) => {
    const middle = cellX(layout, column) + layout.cell / 2;
    return textElement(middle, layout.top - GAP, name, { size: FONT_SIZE, anchor: "middle" });
  });
  for (const [row, { label }] of sheet.rows.entries()) {
    const middle = cellY(layout, row) + layout.cell / 2 + FONT_SIZE / 3;
    elements.push(textElement(GAP, middle, shorten(label), { size: FONT_SIZE }));
  }
  if (sheet.title) elements.push(textElement(GAP, HEADING - GAP, sheet.title, { size: FONT_SIZE + 2 }));
  return svgDocument(layout.width, layout.height, elements);
}

/** Pastes the image as large as the cell allows, in its middle. */
function pasteCell(canvas: Image, image: Image, layout: Layout, column: number, row: number): void {
  const scale = layout.cell / Math.max(image.width, image.height);
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  const fitted = resize(image, side(image.width), side(image.height));
  const inset = (length: number) => Math.floor((layout.cell - length) / 2);
  const [x, y] = [cellX(layout, column), cellY(layout, row)];
  // What lies outside of 0..1, as heights may, is shown at its limit: the canvas has 8 bits.
  layOver(canvas, fitted, { x: x + inset(fitted.width), y: y + inset(fitted.height) });
}
