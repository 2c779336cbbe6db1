/** `partition_by_tile`: cells of a grid, counted by hand. */
import { describe, expect, test } from "@jest/globals";
import type { NodeDefinition } from "dag-cook";
import { cookOnce, testNodeType } from "dag-cook/testing";
import partition_by_tile from "../../../nodes/partition/partition_by_tile.js";
import { messageOf } from "../space.js";
import { membersBy, numbered, partitionsBy, SHARED_CHANGES } from "./members.js";

const at = (...places: readonly (readonly [number, number])[]) => numbered(...places.map(([x, y]) => ({ x, y })));
const x = (more = {}) => ({ axes: [{ attribute: "x", size: 10, ...more }] });
const xy = {
  axes: [
    { attribute: "x", size: 2 },
    { attribute: "y", size: 2 },
  ],
};

describe("partition_by_tile", () => {
  testNodeType((name, run) => test(name, run), partition_by_tile, {
    module: new URL("../../../nodes/partition/partition_by_tile.js", import.meta.url).href,
    base: () => ({ params: x(), inputs: numbered({ shot: "a", x: 1, y: 5 }, { shot: "b", x: 2, y: 15 }) }),
    changes: () => ({
      axes: { to: { axes: [{ attribute: "y", size: 10 }] } },
      ...SHARED_CHANGES,
    }),
  });

  test("every part of an axis counts", async () => {
    const inputs = at([1, 0], [12, 0]);
    const of = (more: object) => membersBy(partition_by_tile, x(more), inputs);
    expect(await of({})).toEqual([[0], [1]]);
    expect(await of({ size: 20 })).toEqual([[0, 1]]);
    expect(await of({ start: 3 })).toEqual([[0], [1]]);
    expect(await of({ start: -8 })).toEqual([[0], [1]]);
    expect(await of({ start: 2.5, overlap: 1 })).toEqual([[0], [1], [1]]);
  });

  test("a cell begins at its lower end, and ends before its upper one; below the start, cells count downwards", async () => {
    const inputs = at([0, 0], [9.99, 0], [10, 0], [-0.5, 0], [-10, 0], [25, 0]);
    expect(await partitionsBy(partition_by_tile, x(), inputs)).toEqual([
      [{ cell: [-1] }, [3, 4]],
      [{ cell: [0] }, [0, 1]],
      [{ cell: [1] }, [2]],
      [{ cell: [2] }, [5]],
    ]);
    expect(await membersBy(partition_by_tile, x({ start: 5 }), inputs)).toEqual([[4], [0, 3], [1, 2], [5]]);
  });

  test("cells that overlap share items, however far they reach", async () => {
    const inputs = at([0, 0], [3, 0], [7, 0], [12, 0]);
    // Cell 0 is -2 to 12, cell 1 is 8 to 22, cell -1 is -12 to 2.
    expect(await partitionsBy(partition_by_tile, x({ overlap: 2 }), inputs)).toEqual([
      [{ cell: [-1] }, [0]],
      [{ cell: [0] }, [0, 1, 2]],
      [{ cell: [1] }, [3]],
    ]);
    expect((await membersBy(partition_by_tile, x({ overlap: 25 }), at([5, 0]))).length).toBe(6);
  });

  test("two axes: row by row, with the cell's place and ends as attributes", async () => {
    const inputs = at([0, 0], [3, 0], [1, 3], [2, 2], [1, 1]);
    expect(await membersBy(partition_by_tile, xy, inputs)).toEqual([[0, 4], [1], [2], [3]]);
    const { items } = await cookOnce(partition_by_tile as unknown as NodeDefinition, { params: xy, inputs });
    expect(items[3]!.attributes).toMatchObject({ cell: [1, 1], cell_minimum: [2, 2], cell_maximum: [4, 4] });
  });

  test("mistakes are said with the item or the parameter", async () => {
    const refused = (params: object, inputs = at([0, 0])) => messageOf(membersBy(partition_by_tile, params, inputs));
    expect(await refused(x(), numbered({ z: 1 }))).toMatch(/has no attribute "x"/);
    expect(await refused(x(), numbered({ x: "far" }))).toContain('has no number as "x": "far"');
    expect(await refused(x({ size: 1e-300 }), at([5, 0]))).toContain("too far for cells of 1e-300");
    expect(await refused(x({ overlap: 90 }))).toContain("90 reaches over more than 8 cells of 10");
    expect(await refused({ axes: [...x().axes, ...x().axes] })).toContain('"x" is an axis already');
  });
});
