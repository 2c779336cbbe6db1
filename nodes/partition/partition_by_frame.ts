/** Node type `partition_by_frame`: items by a frame number. Knows no other attributes. */
import { defineNode, type ParamProblem, type UpstreamItem } from "dag-cook";
import { lack, UPSTREAM_ATTRIBUTE } from "../attribute/typed/names.js";
import { attributeOf, sortedBy } from "../attribute/typed/order.js";
import { grouped } from "./grouping/order.js";
import { type Group, partitionsOf } from "./grouping/partition.js";
import { neededBy, problemsOfShared, readBy, SHARED, writtenBy } from "./grouping/shared.js";
import { UNMATCHED, withUnmatched } from "./grouping/unmatched.js";

interface Range {
  readonly start: number;
  readonly end: number;
}

export default defineNode({
  description: "Partitions items by their frame: a partition for each frame, listed range, or unbroken sequence.",
  version: 1,
  params: {
    frame: { ...UPSTREAM_ATTRIBUTE, default: "frame", description: "Attribute that holds an item's frame." },
    by: {
      type: "string",
      enum: ["frames", "ranges", "sequences"],
      default: "frames",
      description:
        "A partition for each frame (after `rounding`), for each of `ranges`, or for frames that follow one another without a gap.",
    },
    rounding: {
      type: "string",
      enum: ["down", "up", "nearest"],
      default: "down",
      description: "With `frames`: the whole frame that a frame between two belongs to (halves go up).",
    },
    ranges: {
      type: "array",
      default: [],
      description: "With `ranges`: first and last frame of each, both belonging to it. They may overlap.",
      items: {
        type: "object",
        properties: {
          start: { type: "number", required: true, description: "First frame." },
          end: { type: "number", required: true, description: "Last frame." },
        },
      },
    },
    step: {
      type: "number",
      exclusiveMinimum: 0,
      default: 1,
      description: "With `sequences`: the greatest distance of two frames that follow one another.",
    },
    unmatched: { ...UNMATCHED, description: `${UNMATCHED.description} Such have no frame, or one outside all ranges.` },
    ...SHARED,
  },
  inputs: { main: { description: "Work items to partition." } },
  attributes: {
    reads: (params) => readBy(params, [params.frame]),
    needs: (params) => neededBy(params, params.unmatched === "fail" ? [params.frame] : []),
    writes(params) {
      const merged = writtenBy(params);
      if (merged === "any") return merged;
      return params.by === "frames" ? { ...merged, [writtenAs(params.frame)]: "int" } : { ...merged, range: "float[]" };
    },
  },
  check: (params) => [...problemsOf(params.ranges, params.by), ...problemsOfShared(params)],
  *partition(upstream, params) {
    const { frame, by, ranges, rounding, step, unmatched } = params;
    yield* partitionsOf(upstream, params, (items) => {
      const having = items.filter((item) => frameOf(item, frame) !== undefined);
      const groups =
        by === "ranges"
          ? inRanges(having, frame, ranges)
          : by === "frames"
            ? single(having, frame, ROUND[rounding])
            : sequences(having, frame, step);
      return withUnmatched(groups, items, unmatched, (item) => mismatch(item, frame));
    });
  },
});

const ROUND = { down: Math.floor, up: Math.ceil, nearest: Math.round } as const;

/** The attribute that a partition's frame is written to: what is the engine's is not written. */
function writtenAs(frame: string): string {
  return frame === "pdg_frame" ? "frame" : frame;
}

function frameOf(item: UpstreamItem, name: string): number | undefined {
  const value = attributeOf(item, name);
  if (value === undefined || typeof value === "number") return value;
  throw new Error(`${item.name} has ${JSON.stringify(value)} as "${name}", which is no frame number`);
}

function single(items: readonly UpstreamItem[], name: string, round: (frame: number) => number): readonly Group[] {
  const frames = grouped(items, (item) => round(frameOf(item, name)!) + 0); // −0 and 0 are one frame
  return [...frames].map(([frame, members]) => ({
    identity: { frame },
    items: members,
    attributes: { [writtenAs(name)]: frame },
    label: `frame ${frame}`,
  }));
}

function inRanges(items: readonly UpstreamItem[], name: string, ranges: readonly Range[]): readonly Group[] {
  return ranges.map(({ start, end }) => {
    const inside = items.filter((item) => start <= frameOf(item, name)! && frameOf(item, name)! <= end);
    return framesTo(start, end, inside);
  });
}

function framesTo(start: number, end: number, items: Group["items"]): Group {
  const [identity, attributes] = [{ range: [start, end] }, { range: [start, end] }];
  return { identity, items, attributes, label: start === end ? `frame ${start}` : `frames ${start} to ${end}` };
}

function sequences(items: readonly UpstreamItem[], name: string, step: number): readonly Group[] {
  const runs: { start: number; end: number; items: UpstreamItem[] }[] = [];
  for (const item of sortedBy(items, [{ attribute: name, descending: false }])) {
    const frame = frameOf(item, name)!;
    const run = runs.at(-1);
    if (run === undefined || frame - run.end > step) runs.push({ start: frame, end: frame, items: [item] });
    else {
      run.end = frame;
      run.items.push(item);
    }
  }
  return runs.map(({ start, end, items: members }) => framesTo(start, end, members));
}

function mismatch(item: UpstreamItem, name: string): string {
  const frame = frameOf(item, name);
  return frame === undefined ? lack(item, name) : `has the frame ${frame}, which lies in no range`;
}

function problemsOf(ranges: readonly Range[], by: string): readonly ParamProblem[] {
  if (by === "ranges" && ranges.length === 0) return [{ param: "ranges", message: '"by": "ranges" needs ranges' }];
  return ranges.flatMap(({ start, end }, index) =>
    start > end ? [{ param: `ranges.${index}`, message: `it ends at ${end}, before it starts at ${start}` }] : [],
  );
}
