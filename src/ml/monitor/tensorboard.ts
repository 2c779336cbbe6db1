/**
 * Writes a training's scalars and images as event files that TensorBoard opens. It knows folders and events, nothing of
 * what the values mean or when they come.
 */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { encodePng } from "../../image/encode.js";
import type { Image } from "../../image/image.js";
import { decode, encode } from "../onnx/protobuf.js";
import { AppendedFile } from "./appended-file.js";
import { EVENT, type Event, START, type SummaryValue } from "./event.js";
import { describeFigure, type Row } from "./row.js";
import { recordOf, recordsOf } from "./tfrecord.js";

/** An event file that cannot be written or read; the message is for the user and names the file. */
export class EventFileError extends Error {
  override readonly name = "EventFileError";
}

/** How a writer begins. */
export interface EventWriterOptions {
  /** The first step that will be written: what earlier files hold of it and of later steps counts no more. 1 unless given. */
  readonly next_step?: number;
  /** Milliseconds since the epoch; the machine's clock unless given. */
  readonly now?: () => number;
}

/** TensorBoard takes files by this part of their names, in the order of the names. */
const NAME = /^events\.out\.tfevents\.(\d+)$/;
const DIGITS = 10;
/** The version of which TensorBoard heeds the start of a session. */
const FILE_VERSION = "brain.Event:2";
const NOTHING = {
  step: 0,
  file_version: undefined,
  summary: undefined,
  session_log: undefined,
  source_metadata: undefined,
} as const;

/** Adds a file of events to a run's folder. Every call writes whole records at once: a killed run leaves a readable file. */
export class EventWriter {
  /** The file's name in its folder. */
  readonly name: string;
  readonly #path: string;
  readonly #file: AppendedFile;
  readonly #now: () => number;

  /** A new file in the folder, after those that are there. Throws an EventFileError. */
  constructor(folder: string, { next_step = 1, now = Date.now }: EventWriterOptions = {}) {
    this.#now = now;
    [this.name, this.#file] = attempt(folder, () => {
      mkdirSync(folder, { recursive: true });
      const name = nameAfter(readdirSync(folder));
      return [name, new AppendedFile(join(folder, name), { isNew: true })] as const;
    });
    this.#path = join(folder, this.name);
    this.#add({ file_version: FILE_VERSION, source_metadata: { writer: "dag" } });
    this.#add({ step: next_step, session_log: { status: START } });
  }

  /** All figures of a row as scalars, tagged `loss/g_total`, `ssim/test`, `score/real`, `training/lr`. */
  addRow({ step, figures }: Row): void {
    const value = Object.entries(figures).map(([name, figure]): SummaryValue => {
      const { kind, label } = describeFigure(name);
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

  close(): void {
    this.#file.close();
  }

  #add(event: Partial<Event>): void {
    const record = recordOf(encode(EVENT, { wall_time: this.#now() / 1000, ...NOTHING, ...event }));
    attempt(this.#path, () => this.#file.append(record));
  }
}

/** The events of a file, without one that was only begun. Throws an EventFileError where it is damaged or something else. */
export function readEvents(path: string): readonly Event[] {
  return attempt(path, () => recordsOf(readFileSync(path)).whole.map((record) => decode(EVENT, record)), "read");
}

/** The name that follows the last of a folder's. */
function nameAfter(names: readonly string[]): string {
  const last = Math.max(0, ...names.map((name) => Number(NAME.exec(name)?.[1] ?? 0)));
  return `events.out.tfevents.${String(last + 1).padStart(DIGITS, "0")}`;
}

function attempt<T>(path: string, work: () => T, verb: "written" | "read" = "written"): T {
  try {
    return work();
  } catch (cause) {
    throw new EventFileError(`${path}: TensorBoard events cannot be ${verb} (${(cause as Error).message}).`, { cause });
  }
}
