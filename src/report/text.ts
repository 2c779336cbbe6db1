/** Wording that reporters share: durations, counts, figures. Knows no terminal. */
import { doneOf, type NodeTally, secondsLeft } from "./tally.js";

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min ${Math.round(seconds - minutes * 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1 item`, `3 items`. */
/** A moment given as ISO 8601, for people: `2026-01-31 09:05:00`. */
export function momentText(iso: string): string {
  return iso.slice(0, 19).replace("T", " ");
}

export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** What became of a node's items: `80 items: 3 cooked, 77 cached`. */
export function nodeSummary(node: NodeTally): string {
  const parts = [
    [node.cooked, "cooked"],
    [node.cached, "cached"],
    [node.partial, "partial"],
    [node.failed, "failed"],
    [node.cancelled, "cancelled"],
    [node.notScheduled, "not scheduled"],
  ]
    .filter(([count]) => Number(count) > 0)
    .map(([count, word]) => `${count} ${word}`);
  const items = `${node.complete ? "" : "≥ "}${counted(node.items, "item")}`;
  return parts.length === 0 ? items : `${items}: ${parts.join(", ")}${why(node)}`;
}

/** Why most items were cooked again, and why most were cancelled; nothing where they were never cooked. */
function why({ reasons, cancels }: NodeTally): string {
  const most = (of: ReadonlyMap<string, number>) =>
    [...of].filter(([reason]) => reason !== "never cooked").sort((a, b) => b[1] - a[1])[0]?.[0];
  const parts = [most(reasons), most(cancels)].filter((reason) => reason !== undefined);
  return parts.length === 0 ? "" : ` (${parts.join("; ")})`;
}

/** Running, done, rate and time left of a node: `3/80, 2 running, 12 items/s, 6 s left`. */
export function nodeProgress(node: NodeTally, sinceStart: number): string {
  const parts = [`${doneOf(node)}/${node.complete ? "" : "≥ "}${node.items}`];
  if (node.running.size > 0) parts.push(`${node.running.size} running`);
  if (node.cooked > 1 && sinceStart > 0) parts.push(`${rate(node.cooked / sinceStart)} items/s`);
  const left = secondsLeft(node);
  if (left !== undefined) parts.push(`${duration(left)} left`);
  return parts.join(", ");
}

function rate(perSecond: number): string {
  return perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toPrecision(2);
}

/** Live figures, what is done and left first, then in the order they came: `34 %`, `12 s left`, `iteration 17`, `g_l1 0.1234`. */
export function progressTexts(figures: Readonly<Record<string, number | string>>): readonly string[] {
  const rank = (name: string) => (name === "fraction" ? 0 : name === "eta" ? 1 : 2);
  return Object.entries(figures)
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([name, value]) => {
      if (name === "fraction") return `${Math.round(Number(value) * 100)} %`;
      if (name === "eta") return `${duration(Number(value))} left`;
      return `${name} ${typeof value === "number" && !Number.isInteger(value) ? value.toPrecision(4) : value}`;
    });
}

const BETWEEN = "  ";

/** Texts as lines of at most `columns` characters; a text is broken nowhere, and is longer where it must be. */
export function inLines(texts: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  for (const text of texts) {
    const last = lines.at(-1);
    if (last === undefined || last.length + BETWEEN.length + text.length > columns) lines.push(text);
    else lines[lines.length - 1] = `${last}${BETWEEN}${text}`;
  }
  return lines;
}
