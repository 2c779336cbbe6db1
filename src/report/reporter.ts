/**
 * Shows a cook while it runs, from its events alone: inline in a terminal, as plain lines, as JSON lines, or hardly at
 * all. Writes to the stream it is given (the error stream); the data of a command goes elsewhere.
 */
import { type Clock, realClock } from "../base/clock.js";
import { printable } from "../base/printable.js";
import { type CookEvent, EVENT_VERSION, type EventSink } from "../event/event.js";
import type { Failure } from "../workitem/outcome.js";
import { blockLines } from "./block.js";
import { Problems } from "./problems.js";
import { Quiet } from "./quiet.js";
import { reasonsText } from "./reasons.js";
import { Recooked } from "./recooked.js";
import { doneOf, type NodeTally, Tally } from "./tally.js";
import { counted, duration, nodeSummary, progressTexts } from "./text.js";
import { failureText, outcomeText, setbackText } from "./words.js";

export type Progress = "auto" | "tty" | "plain" | "json" | "quiet";

export interface Reporter {
  readonly sink: EventSink;
  /** Writes what is left and leaves the terminal as it was. */
  end(): void;
}

/** Seconds between two plain lines about the same running item. */
const PLAIN_EVERY = 5;

/** Characters of JSON lines that are written together at most: as much as a pipe holds. */
const CHUNK = 1 << 16;

/** Milliseconds between two drawings of the inline block. */
const DRAW_EVERY = 100;

export interface ReporterOptions {
  /** Whether a watch is shown: then what is cooked again, and why. */
  readonly watching?: boolean | undefined;
  readonly clock?: Clock;
  /** One that is up to date whenever the sink is called; without it, the reporter has its own. */
  readonly tally?: Tally;
}

export async function createReporter(
  progress: Progress,
  stream: NodeJS.WriteStream,
  environment: NodeJS.ProcessEnv,
  { watching = false, clock = realClock, tally }: ReporterOptions = {},
): Promise<Reporter> {
  const dumb = environment.TERM === "dumb" || (environment.CI ?? "") !== "";
  const kind = progress === "auto" ? (stream.isTTY && !dumb ? "tty" : "plain") : progress;
  const write = (line: string): void => void stream.write(`${printable(line)}\n`);
  if (kind === "json") return json(stream, clock);
  const problems = new Problems();
  if (kind === "quiet") return { sink: (event) => problems.lines(event).forEach(write), end() {} };
  // What was recooked, and why, is what a watch is looked at for.
  const recooked = watching ? new Recooked() : undefined;
  const reports: ReportParts = {
    problems: (event) => problems.lines(event),
    again: (event) => recooked?.add(event) ?? [],
  };
  const counts = tally === undefined ? ownCounts() : { tally, add() {} };
  return kind === "tty" ? inline(stream, reports, counts) : plain(write, reports, counts);
}

/** A line for each event. Those of one turn are written together: a pipe takes a call for each, and there are many. */
function json(stream: NodeJS.WriteStream, clock: Clock): Reporter {
  let lines = "";
  const end = (): void => {
    if (lines !== "") stream.write(lines);
    lines = "";
  };
  return {
    sink(event) {
      if (lines === "") clock.after(0, end);
      lines += `{"version":${EVENT_VERSION},"time":${clock.now()},${printable(JSON.stringify(withText(event))).slice(1)}\n`;
      if (lines.length > CHUNK) end();
    },
    end,
  };
}

/** An event with a text for people beside its data. */
function withText(event: CookEvent): CookEvent {
  if (event.type === "item_missed") return Object.assign({ ...event }, { why: reasonsText(event.reasons) });
  if (event.type === "item_failed") return { ...event, failure: withWhy(event.failure) };
  if (event.type !== "item_state") return event;
  const { outcome, setback } = event;
  const reason = setback === undefined ? outcomeText(outcome) : setbackText(setback);
  return reason === undefined ? event : Object.assign({ ...event }, { reason });
}

function withWhy(failure: Failure): Failure {
  return failure.missed === undefined ? failure : { ...failure, message: failureText(failure) };
}

/** Lines that an event is worth, beside what is counted. */
interface ReportParts {
  problems(event: CookEvent): readonly string[];
  /** What is cooked again. */
  again(event: CookEvent): readonly string[];
}

/** What is counted, and how an event is added to it. */
interface Counts {
  readonly tally: Tally;
  add(event: CookEvent): void;
}

function ownCounts(): Counts {
  const tally = new Tally();
  return { tally, add: (event) => tally.add(event) };
}

function plain(write: (line: string) => void, reports: ReportParts, { tally, add }: Counts): Reporter {
  const printed = new Set<string>();
  const shown = new Map<string, number>();
  const isOver = (node: NodeTally): boolean => {
    if (!node.complete || (node.works && doneOf(node) < node.items)) return false;
    return node.works || node.items === 0 || node.running.size === 0;
  };
  const hasBroken = ({ failed, cancelled }: NodeTally): boolean => failed + cancelled > 0;
  const quiet = new Quiet();
  const tellDone = (atEnd = false): void => {
    for (const node of tally.nodes.values()) {
      if (printed.has(node.node) || !(isOver(node) || (atEnd && hasBroken(node)))) continue;
      printed.add(node.node);
      if (!quiet.takes(node)) write(`${node.node}: ${nodeSummary(node)}`);
    }
    if (atEnd) quiet.lines().forEach(write);
  };
  return {
    sink(event) {
      if (event.type === "cook_started" || event.type === "snapshot") {
        printed.clear();
        quiet.clear();
      }
      add(event);
      reports.problems(event).forEach(write);
      // What has no work is over once it is generated, and may be cancelled all the same.
      if (event.type === "item_state" && event.to === "cooked_cancel") printed.delete(event.item.node);
      if (event.type === "item_state" && event.to === "cooking") shown.set(event.item.name, Date.now());
      if (event.type === "item_state" && (event.seconds ?? 0) >= 1 && event.to === "cooked_success") {
        write(`${event.item.node}: ${event.item.label} cooked in ${duration(event.seconds ?? 0)}`);
      }
      if (event.type === "item_progress" && Date.now() - (shown.get(event.item.name) ?? 0) >= PLAIN_EVERY * 1000) {
        shown.set(event.item.name, Date.now());
        const figures = tally.nodes.get(event.item.node)?.running.get(event.item.name)?.figures ?? event.figures;
        write(`${event.item.node}: ${[event.item.label, ...progressTexts(figures)].join("  ")}`);
      }
      // All are looked at when one is over: at every event it would take nodes × items looks.
      if (event.type === "item_state" && isOver(tally.nodes.get(event.item.node)!)) tellDone();
      const lines = reports.again(event);
      if (event.type === "cook_finished") {
        tellDone(true);
        lines.forEach(write);
        write(summary(event, tally));
      }
    },
    end() {},
  };
}

async function inline(stream: NodeJS.WriteStream, reports: ReportParts, { tally, add }: Counts): Promise<Reporter> {
  // Loading it takes an eighth of a cached cook: only a terminal pays it.
  const { createLogUpdate } = await import("log-update");
  const block = createLogUpdate(stream);
  const started = Date.now();
  let drawn = 0;
  let isCooking = false;
  const draw = (force: boolean): void => {
    if (!force && Date.now() - drawn < DRAW_EVERY) return;
    drawn = Date.now();
    const size = { columns: stream.columns ?? 80, rows: stream.rows ?? 24 };
    block(blockLines(tally, (drawn - started) / 1000, size).join("\n"));
  };
  return {
    sink(event) {
      if (event.type === "cook_started" || event.type === "snapshot") isCooking = true;
      add(event);
      const problems = printable([...reports.problems(event), ...reports.again(event)].join("\n"));
      if (!isCooking) return void stream.write(problems === "" ? "" : `${problems}\n`);
      if (problems !== "") block.persist(problems);
      if (event.type === "cook_finished") {
        draw(true);
        block.done();
        stream.write(`${summary(event, tally)}\n`);
        isCooking = false;
      } else draw(problems !== "");
    },
    end: () => block.done(),
  };
}

function upToDate(items: number): string {
  if (items === 0) return "no node makes a work item";
  return items === 1 ? "the one work item is up to date" : `all ${items} work items are up to date`;
}

function summary(event: Extract<CookEvent, { type: "cook_finished" }>, tally: Tally): string {
  const { counts, seconds, notScheduled } = event;
  const time = `(${seconds < 1 ? `${seconds.toFixed(2)} s` : duration(seconds)})`;
  const good = counts.cooked_cache + counts.cooked_success;
  if (
    event.cooked === 0 &&
    event.partial === 0 &&
    counts.cooked_fail === 0 &&
    counts.cooked_cancel === 0 &&
    event.exit === 0
  ) {
    return `Nothing to cook: ${upToDate(good)} ${time}.`;
  }
  const parts = [`${event.cooked} cooked`, `${counts.cooked_cache} cached`];
  if (event.partial > 0) parts.push(`${event.partial} partial`);
  if (notScheduled > 0) parts.push(`${notScheduled} not scheduled`);
  if (counts.cooked_fail > 0) parts.push(`${counts.cooked_fail} failed`);
  if (counts.cooked_cancel > 0) parts.push(`${counts.cooked_cancel} cancelled`);
  const broken = [...tally.nodes.values()].filter(({ failure }) => failure !== undefined).length;
  if (broken > 0) parts.push(`${counted(broken, "node")} without items`);
  const next = event.partial > 0 ? " The same command goes on from what was saved." : "";
  return `${event.exit === 0 ? "Done" : event.exit === 130 ? "Stopped" : "Failed"}: ${parts.join(", ")} ${time}.${next}`;
}
