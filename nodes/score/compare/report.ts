/** Scored groups as CSV, as lines of text, and as bars in SVG. Knows no files. */
import { quoted } from "./csv.js";
import type { Metric, Scores } from "./scores.js";

/** A group of images that one model, or one baseline, made. */
export interface Group {
  readonly kind: "model" | "baseline";
  readonly name: string;
  /** Values of the attributes that it is grouped by; of a baseline: none. */
  readonly values: readonly string[];
  readonly images: number;
  readonly scores: Scores;
}

const METRICS = ["mae", "ssim", "correlation"] as const satisfies readonly Metric[];
const TITLES = { mae: "MAE (lower is better)", ssim: "SSIM", correlation: "correlation" } as const;

/** RFC 4180, one line a group, `best` 1 for the winner. */
export function csvOf(groups: readonly Group[], groupBy: readonly string[], best: Group): string {
  const header = ["kind", "name", ...groupBy, "images", ...METRICS, "best"];
  const lines = groups.map((group) => [
    group.kind,
    group.name,
    ...groupBy.map((_, index) => group.values[index] ?? ""),
    String(group.images),
    ...METRICS.map((metric) => group.scores[metric].toFixed(6)),
    group === best ? "1" : "0",
  ]);
  return `${[header, ...lines].map((cells) => cells.map(quoted).join(",")).join("\n")}\n`;
}

/** A table for the log. */
export function tableOf(groups: readonly Group[], best: Group): readonly string[] {
  const width = Math.max(5, ...groups.map(({ name }) => name.length)) + 2;
  const line = (mark: string, name: string, cells: readonly string[]) =>
    `${mark} ${name.padEnd(width)}${cells.map((cell) => cell.padStart(12)).join("")}`;
  const rows = groups.map((group) =>
    line(group === best ? "*" : " ", group.name, [
      String(group.images),
      ...METRICS.map((metric) => group.scores[metric].toFixed(4)),
    ]),
  );
  return [line(" ", "group", ["images", ...METRICS]), ...rows];
}

const LABELS = 180;
const BAR = { width: 180, height: 14, pitch: 22 } as const;
const PANEL = BAR.width + 70;
const TOP = 34;
const COLORS = { best: "#009e73", model: "#0072b2", baseline: "#999999" } as const;

/** A panel of horizontal bars for each metric, a bar for each group. Bars start at 0; below it they have no length. */
export function barsOf(groups: readonly Group[], best: Group): string {
  const [width, height] = [LABELS + METRICS.length * PANEL, TOP + groups.length * BAR.pitch + 10];
  const row = (index: number) => TOP + index * BAR.pitch;
  const labels = groups.map(({ name }, index) =>
    text(8, row(index) + 11, name.length > 26 ? `${name.slice(0, 25)}…` : name),
  );
  const panels = METRICS.flatMap((metric, panel) => {
    const left = LABELS + panel * PANEL;
    const largest = Math.max(1e-9, ...groups.map(({ scores }) => scores[metric]));
    return [
      text(left, 20, TITLES[metric]),
      ...groups.flatMap((group, index) => {
        const value = group.scores[metric];
        const length = Math.round((Math.max(0, value) / largest) * BAR.width * 100) / 100;
        const color = group === best ? COLORS.best : COLORS[group.kind];
        return [
          `<rect x="${left}" y="${row(index)}" width="${length}" height="${BAR.height}" fill="${color}"/>`,
          text(left + length + 6, row(index) + 11, value.toFixed(4)),
        ];
      }),
    ];
  });
  const ground = `<rect width="${width}" height="${height}" fill="#ffffff"/>`;
  const body = [ground, ...labels, ...panels].join("\n");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">\n${body}\n</svg>\n`;
}

function text(x: number, y: number, content: string): string {
  const escaped = content.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]!);
  return `<text x="${x}" y="${y}" font-family="DejaVu Sans, sans-serif" font-size="12" fill="#202020">${escaped}</text>`;
}
