/** Node type `partition_by_tile`: items by where they lie, in cells of a grid. Knows no images. */
import { defineNode, type ParamProblem, type UpstreamItem } from "dag-cook";
import { lack, UPSTREAM_ATTRIBUTE } from "../attribute/typed/names.js";
import { attributeOf } from "../attribute/typed/order.js";
import { type Group, partitionsOf } from "./grouping/partition.js";
import { neededBy, problemsOfShared, readBy, SHARED, writtenBy } from "./grouping/shared.js";

interface Axis {
  readonly attribute: string;
  readonly size: number;
  readonly start: number;
  readonly overlap: number;
}

/** An overlap of more cells than this on each side is a mistake: every item would be in hundreds of partitions. */
const MOST_CELLS = 8;

export default defineNode({
  description:
    "Partitions items by where they lie in a grid: by tiles of an image, or positions. Cells may overlap; empty ones make no partition.",
  version: 1,
  params: {
    axes: {
      type: "array",
      required: true,
      minItems: 1,
      maxItems: 3,
      description: "The axes of the grid, each with the attribute that says where an item lies.",
      items: {
        type: "object",
        properties: {
          attribute: { ...UPSTREAM_ATTRIBUTE, required: true, description: "Attribute with the position, a number." },
          size: { type: "number", required: true, exclusiveMinimum: 0, description: "Size of a cell." },
          start: { type: "number", default: 0, description: "Where the cell 0 begins." },
          overlap: {
            type: "number",
            minimum: 0,
            default: 0,
            description: "How far a cell reaches beyond its size on each side: items there are in several partitions.",
          },
        },
      },
    },
    ...SHARED,
  },
  inputs: { main: { description: "Work items with positions." } },
  attributes: {
    reads: (params) => readBy(params, namesOf(params.axes)),
    needs: (params) => neededBy(params, namesOf(params.axes)),
    writes: (params) => {
      const merged = writtenBy(params);
      if (merged === "any") return merged;
      return { ...merged, cell: "int[]", cell_minimum: "float[]", cell_maximum: "float[]" };
    },
  },
  check: (params) => [...problemsOfShared(params), ...axisProblems(params.axes)],
  *partition(upstream, params) {
    yield* partitionsOf(upstream, params, (items) => cellsOf(items, params.axes));
  },
});

function namesOf(axes: readonly Axis[]): readonly string[] {
  return axes.map(({ attribute }) => attribute);
}

function axisProblems(axes: readonly Axis[]): readonly ParamProblem[] {
  return axes.flatMap(({ attribute, size, overlap }, index) => {
    const at = `axes.${index}`;
    if (namesOf(axes).indexOf(attribute) < index)
      return [{ param: `${at}.attribute`, message: `"${attribute}" is an axis already` }];
    if (overlap <= MOST_CELLS * size) return [];
    return [{ param: `${at}.overlap`, message: `${overlap} reaches over more than ${MOST_CELLS} cells of ${size}` }];
  });
}

/** The cells that have items, by their places: the last axis first, as the rows of an image follow each other. */
function cellsOf(items: readonly UpstreamItem[], axes: readonly Axis[]): readonly Group[] {
  const cells = new Map<string, { readonly cell: readonly number[]; readonly items: UpstreamItem[] }>();
  for (const item of items) {
    for (const cell of cellsAt(axes.map((axis) => placesOf(item, axis)))) {
      const key = cell.join();
      const known = cells.get(key);
      if (known === undefined) cells.set(key, { cell, items: [item] });
      else known.items.push(item);
    }
  }
  return [...cells.values()].sort(inRows).map(({ cell, items: members }) => ({
    identity: { cell },
    label: `cell ${cell.join(",")}`,
    items: members,
    attributes: {
      cell,
      cell_minimum: axes.map(({ start, size }, index) => start + cell[index]! * size),
      cell_maximum: axes.map(({ start, size }, index) => start + (cell[index]! + 1) * size),
    },
  }));
}

function inRows(a: { readonly cell: readonly number[] }, b: { readonly cell: readonly number[] }): number {
  for (let axis = a.cell.length - 1; axis >= 0; axis--) {
    const order = a.cell[axis]! - b.cell[axis]!;
    if (order !== 0) return order;
  }
  return 0;
}

/** The cells of one axis that an item is in: its lower end belongs to a cell, its upper end to the next one. */
function placesOf(item: UpstreamItem, { attribute, size, start, overlap }: Axis): readonly number[] {
  const at = attributeOf(item, attribute);
  if (at === undefined) throw new Error(`${item.name} ${lack(item, attribute)}`);
  if (typeof at !== "number") throw new Error(`${item.name} has no number as "${attribute}": ${JSON.stringify(at)}`);
  const first = Math.floor((at - start - overlap) / size);
  const last = Math.floor((at - start + overlap) / size);
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last))
    throw new Error(`${item.name} lies at ${at} on "${attribute}": too far for cells of ${size}`);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Every combination of places. */
function cellsAt(places: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return places.reduce<readonly (readonly number[])[]>(
    (cells, axis) => cells.flatMap((cell) => axis.map((place) => [...cell, place])),
    [[]],
  );
}
