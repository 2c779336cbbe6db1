/** Line plots as SVG: series, linear or logarithmic axis, legend. Knows nothing of what the numbers mean. */
import { type Scale, scaleOf } from "./scale.js";
import { svgDocument, textElement } from "./svg.js";

/** A named row of points; one whose y is not finite (or not above 0 on a logarithmic axis) interrupts the line. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** A line over the points' own, such as their smoothed course; theirs is faint then. */
  readonly trend?: readonly (readonly [x: number, y: number])[];
  /** Marks every point; without it only a series of a single point is marked. */
  readonly marked?: boolean;
}

/** What a plot shows. */
export interface Plot {
  readonly title?: string;
  readonly x_label?: string;
  readonly y_label?: string;
  readonly log_x?: boolean;
  readonly log_y?: boolean;
  readonly series: readonly Series[];
  /** Pixels; 800 × 480 unless given. */
  readonly width?: number;
  readonly height?: number;
}

/** Colours that the colour-blind can tell apart (Okabe and Ito, 2008), without yellow. */
const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000"] as const;
const MARGIN = { left: 72, right: 16, top: 34, bottom: 48 } as const;
const LEGEND_LINE = 16;
/** Opacity of points behind their trend. */
const FAINT = 0.3;

interface Axes {
  readonly x: Scale;
  readonly y: Scale;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The plot as SVG text; `renderSvg` and `encodePng` make a PNG of it. Equal plots give equal text. */
export function plotSvg(plot: Plot): string {
  const { width = 800, height = 480, series } = plot;
  const axes = axesOf(plot, width, height);
  const lines = series.flatMap((row, index) => drawSeries(row, axes, COLORS[index % COLORS.length]!));
  const empty = series.some(({ points }) => points.some((point) => isShown(point, axes)))
    ? []
    : [textElement((axes.left + axes.right) / 2, (axes.top + axes.bottom) / 2, "no data", { anchor: "middle" })];
  return svgDocument(width, height, [
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...drawAxes(plot, axes),
    ...lines,
    ...empty,
    ...drawLegend(series, axes),
  ]);
}

function axesOf({ series, log_x = false, log_y = false }: Plot, width: number, height: number): Axes {
  const [left, right] = [MARGIN.left, width - MARGIN.right];
  const [top, bottom] = [MARGIN.top, height - MARGIN.bottom];
  const points = series.flatMap((row) => [...row.points, ...(row.trend ?? [])]);
  const x = scaleOf(
    points.map(([value]) => value),
    log_x,
    [left, right],
  );
  const y = scaleOf(
    points.map(([, value]) => value),
    log_y,
    [bottom, top],
  );
  return { x, y, left, right, top, bottom };
}

function isShown([x, y]: readonly [number, number], axes: Axes): boolean {
  return axes.x.has(x) && axes.y.has(y);
}

function drawAxes(plot: Plot, { x, y, left, right, top, bottom }: Axes): readonly string[] {
  const grid = (x1: number, y1: number, x2: number, y2: number) =>
    `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#dddddd"/>`;
  const elements: string[] = [];
  for (const { value, label } of x.ticks) {
    const at = x.place(value);
    elements.push(grid(at, top, at, bottom), textElement(at, bottom + 16, label, { size: 11, anchor: "middle" }));
  }
  for (const { value, label } of y.ticks) {
    const at = y.place(value);
    elements.push(grid(left, at, right, at), textElement(left - 6, at + 4, label, { size: 11, anchor: "end" }));
  }
  const frame = `x="${left}" y="${top}" width="${right - left}" height="${bottom - top}"`;
  elements.push(`<rect ${frame} fill="none" stroke="#606060"/>`);
  const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2];
  if (plot.title) elements.push(textElement(middleX, 22, plot.title, { size: 14, anchor: "middle" }));
  if (plot.x_label) elements.push(textElement(middleX, bottom + 36, plot.x_label, { anchor: "middle" }));
  if (plot.y_label) elements.push(textElement(16, middleY, plot.y_label, { anchor: "middle", turn: -90 }));
  return elements;
}

function drawSeries({ points, trend, marked = false }: Series, axes: Axes, color: string): readonly string[] {
  const own = drawLine(points, marked, axes, color);
  if (trend === undefined) return own;
  return [`<g opacity="${FAINT}">`, ...own, "</g>", ...drawLine(trend, false, axes, color)];
}

function drawLine(points: Series["points"], marked: boolean, axes: Axes, color: string): readonly string[] {
  const runs: (readonly [number, number])[][] = [[]];
  for (const point of points) {
    if (isShown(point, axes)) runs.at(-1)!.push([axes.x.place(point[0]), axes.y.place(point[1])]);
    else runs.push([]);
  }
  const elements: string[] = [];
  for (const run of runs) {
    const path = run.map((point) => point.join(",")).join(" ");
    if (run.length > 1) {
      elements.push(`<polyline points="${path}" fill="none" stroke="${color}" stroke-width="1.5"/>`);
    }
    if (marked || run.length === 1) {
      elements.push(...run.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${color}"/>`));
    }
  }
  return elements;
}

function drawLegend(series: readonly Series[], { right, top }: Axes): readonly string[] {
  const longest = Math.max(0, ...series.map(({ name }) => name.length));
  const width = Math.round(longest * 7.2) + 40;
  const height = series.length * LEGEND_LINE + 8;
  if (series.length === 0) return [];
  const left = right - width - 8;
  const frame = `x="${left}" y="${top + 8}" width="${width}" height="${height}"`;
  const elements = [`<rect ${frame} fill="#ffffff" fill-opacity="0.8" stroke="#c0c0c0"/>`];
  for (const [index, { name }] of series.entries()) {
    const y = top + 8 + LEGEND_LINE * (index + 0.75);
    const stroke = `stroke="${COLORS[index % COLORS.length]}" stroke-width="2"`;
    elements.push(`<line x1="${left + 8}" y1="${y}" x2="${left + 28}" y2="${y}" ${stroke}/>`);
    elements.push(textElement(left + 34, y + 4, name, { size: 11 }));
  }
  return elements;
}
