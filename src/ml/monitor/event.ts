/**
 * TensorBoard's events as messages: what of `tensorboard/compat/proto/event.proto` and `summary.proto` a training writes.
 * It knows their fields, nothing of files.
 */
import { bytes, double, float, int64, many, message, one, optional, string } from "../onnx/protobuf.js";

/** One event: a file's version, the start of a session, or values. */
export interface Event {
  /** Seconds since the epoch. */
  readonly wall_time: number;
  readonly step: number;
  readonly file_version: string | undefined;
  readonly summary: EventSummary | undefined;
  readonly session_log: SessionLog | undefined;
  readonly source_metadata: SourceMetadata | undefined;
}

export interface EventSummary {
  readonly value: readonly SummaryValue[];
}

/** A value has a number or an image. */
export interface SummaryValue {
  readonly tag: string;
  readonly simple_value: number | undefined;
  readonly image: SummaryImage | undefined;
}

export interface SummaryImage {
  readonly height: number;
  readonly width: number;
  /** Gray, gray with alpha, RGB, RGBA: the number of channels. */
  readonly colorspace: number;
  /** A whole PNG. */
  readonly encoded_image_string: Uint8Array;
}

/** `START`: what earlier files of the folder hold at this event's step and after it no longer counts. */
export interface SessionLog {
  readonly status: number;
}

export interface SourceMetadata {
  readonly writer: string;
}

const NO_BYTES = new Uint8Array(0);

const SUMMARY_IMAGE = message<SummaryImage>(() => ({
  height: one(1, int64, 0),
  width: one(2, int64, 0),
  colorspace: one(3, int64, 0),
  encoded_image_string: one(4, bytes, NO_BYTES),
}));

const SUMMARY_VALUE = message<SummaryValue>(() => ({
  tag: one(1, string, ""),
  simple_value: optional(2, float),
  image: optional(4, SUMMARY_IMAGE),
}));

const SUMMARY = message<EventSummary>(() => ({ value: many(1, SUMMARY_VALUE) }));
const SESSION_LOG = message<SessionLog>(() => ({ status: one(1, int64, 0) }));
const SOURCE_METADATA = message<SourceMetadata>(() => ({ writer: one(1, string, "") }));

export const EVENT = message<Event>(() => ({
  wall_time: one(1, double, 0),
  step: one(2, int64, 0),
  file_version: optional(3, string),
  summary: optional(5, SUMMARY),
  session_log: optional(7, SESSION_LOG),
  source_metadata: optional(10, SOURCE_METADATA),
}));
