/**
 * Writes a training's scalars and images as an event file that TensorBoard opens. It knows one file and its events, nothing
 * of what the values mean or when they come.
 */
import { existsSync, readFileSync } from "node:fs";
import { encodePng } from "../../image/encode.js";
import type { Image } from "../../image/image.js";
import { decode, encode } from "../onnx/protobuf.js";
import { AppendedFile } from "./appended-file.js";
import { EVENT, type Event, type SummaryValue } from "./event.js";
import { describeMetric, type MetricRow } from "./row.js";
import { recordOf, recordsOf } from "./tfrecord.js";

/** An event file that cannot be written or read; the message is for the user and names the file. */
export class EventFileError extends Error {
  override readonly name = "EventFileError";
}

/** How a writer begins. */
export interface EventWriterOptions {
  /** The first step that will be written: the file's events before it are kept, others left out. 1 unless given. */
  readonly next_step?: number;
  /** Milliseconds since the epoch; the machine's clock unless given. */
  readonly now?: () => number;
}

/** TensorBoard takes the files of a folder that have `tfevents` in their names. A run has one. */
export const EVENT_FILE = "events.out.tfevents.1";

const FILE_VERSION = "brain.Event:2";
const NOTHING = {
  step: 0,
  file_version: undefined,
  summary: undefined,
  session_log: undefined,
  source_metadata: undefined,
} as const;

/** Writes a file of events. Every call writes whole records at once: a killed run leaves a readable file. */
export class EventWriter {
  readonly #path: string;
  readonly #file: AppendedFile;
  readonly #now: () => number;

  /**
   * Begins the file anew with those of its events that come before `next_step`, to the byte. The folder must be there.
   * Throws an EventFileError.
   */
  constructor(path: string, { next_step = 1, now = Date.now }: EventWriterOptions = {}) {
    this.#path = path;
    this.#now = now;
    const kept = next_step > 1 && existsSync(path) ? recordsBefore(path, next_step) : [];
    const beginning = kept.length > 0 ? kept : [this.#record({ file_version: FILE_VERSION, source_metadata: WRITER })];
    this.#file = attempt(path, () => new AppendedFile(path, Buffer.concat(beginning)));
  }

  /** All figures of a row as scalars, tagged `loss/g_total`, `ssim/test`, `score/real`, `training/lr`. */
  addRow({ step, figures }: MetricRow): void {
    const value = Object.entries(figures).map(([name, figure]): SummaryValue => {
      const { kind, label } = describeMetric(name);
      // The format has 32 bits, and the encoder refuses what is finite and beyond them.
      return { tag: `${kind}/${label}`, simple_value: Math.fround(figure), image: undefined };
    });
    if (value.length > 0) this.#add({ step, summary: { value } });
  }

  /** An image, as a PNG of 8 bits. Rejects with an ImageError or an EventFileError. */
  async addImage(step: number, tag: string, image: Image): Promise<void> {
    const { width, height, channels: colorspace } = image;
    const shown = { height, width, colorspace, encoded_image_string: await encodePng(image, 8) };
    this.#add({ step, summary: { value: [{ tag, simple_value: undefined, image: shown }] } });
  }

  /** What was written is on the disk from now on. Throws an EventFileError. */
  sync(): void {
    attempt(this.#path, () => this.#file.sync());
  }

  close(): void {
    this.#file.close();
  }

  #add(event: Partial<Event>): void {
    attempt(this.#path, () => this.#file.append(this.#record(event)));
  }

  #record(event: Partial<Event>): Uint8Array {
    return recordOf(encode(EVENT, { wall_time: this.#now() / 1000, ...NOTHING, ...event }));
  }
}

const WRITER = { writer: "dag" };

/** The events of a file, without one that was only begun. Throws an EventFileError where it is damaged or something else. */
export function readEvents(path: string): readonly Event[] {
  return attempt(path, () => recordsOf(readFileSync(path)).whole.map((record) => decode(EVENT, record)), "read");
}

/** The records of a file's events before a step. */
function recordsBefore(path: string, step: number): readonly Uint8Array[] {
  const { whole } = attempt(path, () => recordsOf(readFileSync(path)), "read");
  return whole.filter((record) => decode(EVENT, record).step < step).map(recordOf);
}

function attempt<T>(path: string, work: () => T, verb: "written" | "read" = "written"): T {
  try {
    return work();
  } catch (cause) {
    throw new EventFileError(`${path}: TensorBoard events cannot be ${verb} (${(cause as Error).message}).`, { cause });
  }
}
