/** `partition_by_range` and `partition_by_frame`: golden cases by hand after SideFX's description of the nodes. */
import { resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { cookOnce, testNodeType } from "dag-cook/testing";
import partition_by_frame from "../../../nodes/partition/partition_by_frame.js";
import partition_by_range from "../../../nodes/partition/partition_by_range.js";
import { messageOf } from "../space.js";
import { count, membersBy, numbered, partitionsBy, SHARED_CHANGES } from "./members.js";

const SHOTS = numbered({ shot: "a" }, { shot: "b" });

describe("partition_by_range", () => {
  const LISTED = { merge: [{ attribute: "n", operation: "list" }] };

  testNodeType((name, run) => test(name, run), partition_by_range, {
    module: new URL("../../../nodes/partition/partition_by_range.js", import.meta.url).href,
    base: () => ({ params: { size: 5 }, inputs: SHOTS }),
    changes: () => ({
      range: { to: { range: "first_last" } },
      size: { to: { size: 1 } },
      count: { from: { range: "fixed_count" }, to: { count: 2 } },
      "ratio.items": { from: { range: "ratio" }, to: { ratio: { items: 2 } } },
      "ratio.partitions": { from: { range: "ratio" }, to: { ratio: { partitions: 2 } } },
      "ratio.before": { from: { range: "ratio", ...LISTED }, to: { ratio: { before: 1 } } },
      "ratio.after": { from: { range: "ratio", ...LISTED }, to: { ratio: { after: 1 } } },
      ...SHARED_CHANGES,
    }),
  });

  test("outputs: a partition offers the files that it is told to", async () => {
    const file = (name: string) => ({ path: resolve(`test/fixtures/image/${name}`), tag: "file/image" });
    const inputs = [{ files: [file("bits.png")] }, { files: [file("palette.png")] }, { files: [file("bits.png")] }];
    const offered = async (outputs: "all" | "none" | "first" | "last" | "unique") => {
      const { items } = await cookOnce(partition_by_range, { params: { size: 3, outputs }, inputs });
      return items.flatMap((item) => item.outputs.map(({ name }) => name));
    };
    expect(await offered("all")).toEqual(["bits.png", "palette.png", "bits.png"]);
    expect(await offered("unique")).toEqual(["bits.png", "palette.png"]);
    expect(await offered("last")).toEqual(["bits.png"]);
    expect(await offered("none")).toEqual([]);
  });

  test.each([
    [{ size: 2 }, 5, [[0, 1], [2, 3], [4]]],
    [{ size: 9 }, 2, [[0, 1]]],
    [
      { range: "fixed_count", count: 3 },
      8,
      [
        [0, 1, 2],
        [3, 4, 5],
        [6, 7],
      ],
    ],
    [{ range: "fixed_count", count: 9 }, 2, [[0], [1]]],
    [
      { range: "ratio", ratio: { items: 2 } },
      4,
      [
        [0, 1],
        [2, 3],
      ],
    ],
    [{ range: "ratio", ratio: { partitions: 2 } }, 2, [[0], [0], [1], [1]]],
    [
      { range: "ratio", ratio: { before: 1, after: 1 } },
      3,
      [
        [0, 1],
        [0, 1, 2],
        [1, 2],
      ],
    ],
    [{ range: "ratio", ratio: { items: 3, partitions: 2 } }, 3, [[0], [1, 2]]],
    [{ range: "first_last" }, 4, [[0], [3]]],
    [{ range: "first_middle_last" }, 5, [[0], [2], [4]]],
    [{ range: "first_last" }, 1, [[0], [0]]],
  ])("partition_by_range: %j of %i items", async (params, items, expected) => {
    expect(await membersBy(partition_by_range, params, count(items))).toEqual(expected);
  });

  test("partition_by_range: places count within each group of split_by", async () => {
    const items = numbered({ shot: "a" }, { shot: "b" }, { shot: "a" }, { shot: "b" }, { shot: "b" });
    expect(await membersBy(partition_by_range, { range: "first_last", split_by: ["shot"] }, items)).toEqual([
      [0],
      [2],
      [1],
      [4],
    ]);
  });

  test("partition_by_range: sizes and counts are at least 1", async () => {
    const refused = membersBy(partition_by_range, { size: 0, count: 0 }, count(1));
    expect(await messageOf(refused)).toBe("size must be at least 1, not 0; count must be at least 1, not 0");
  });
});

describe("partition_by_frame", () => {
  const FRAMES = numbered({ frame: 1 }, { frame: 1.5 }, { frame: 2 }, { frame: 4, shot: "b" });
  const members = (params: object, inputs = FRAMES) => membersBy(partition_by_frame, params, inputs);

  testNodeType((name, run) => test(name, run), partition_by_frame, {
    module: new URL("../../../nodes/partition/partition_by_frame.js", import.meta.url).href,
    base: () => ({ inputs: FRAMES }),
    changes: () => ({
      frame: { to: { frame: "n" } },
      by: { to: { by: "sequences" } },
      rounding: { to: { rounding: "up" } },
      ranges: {
        from: { by: "ranges", unmatched: "leave_out", ranges: [{ start: 1, end: 1 }] },
        to: { ranges: [{ start: 1, end: 2 }] },
      },
      step: { from: { by: "sequences" }, to: { step: 2 } },
      unmatched: {
        from: { frame: "shot", unmatched: "leave_out" },
        to: { unmatched: "one_partition" },
        inputs: SHOTS.map(() => ({})),
      },
      ...SHARED_CHANGES,
    }),
  });

  test("partition_by_frame: a partition a frame, with fractions rounded as asked", async () => {
    expect(await partitionsBy(partition_by_frame, {}, FRAMES)).toEqual([
      [{ frame: 1 }, [0, 1]],
      [{ frame: 2 }, [2]],
      [{ frame: 4 }, [3]],
    ]);
    expect(await members({ rounding: "up" })).toEqual([[0], [1, 2], [3]]);
    expect(await members({ rounding: "nearest" })).toEqual([[0], [1, 2], [3]]);
    expect(await members({ rounding: "up" }, numbered({ frame: -0.5 }, { frame: 0 }))).toEqual([[0, 1]]);
  });

  test("partition_by_frame: ranges may overlap; what lies in none is unmatched", async () => {
    const ranges = [
      { start: 1, end: 2 },
      { start: 2, end: 3 },
    ];
    expect(await partitionsBy(partition_by_frame, { by: "ranges", ranges, unmatched: "leave_out" }, FRAMES)).toEqual([
      [{ range: [1, 2] }, [0, 1, 2]],
      [{ range: [2, 3] }, [2]],
    ]);
    expect(await messageOf(members({ by: "ranges", ranges }))).toBe(
      'item_3 has the frame 4, which lies in no range; "unmatched" can say what becomes of such items',
    );
  });

  test("partition_by_frame: sequences end where a frame is missing", async () => {
    const shuffled = numbered({ frame: 12 }, { frame: 3 }, { frame: 1 }, { frame: 2 }, { frame: 10 });
    expect(await partitionsBy(partition_by_frame, { by: "sequences" }, shuffled)).toEqual([
      [{ range: [1, 3] }, [2, 3, 1]],
      [{ range: [10, 10] }, [4]],
      [{ range: [12, 12] }, [0]],
    ]);
    expect(await members({ by: "sequences", step: 2 }, shuffled)).toEqual([
      [2, 3, 1],
      [4, 0],
    ]);
  });

  test.each([
    [{}, { frame: "one" }, 'item_0 has "one" as "frame", which is no frame number'],
    [{}, {}, 'item_0 has no attribute "frame"; "unmatched" can say what becomes of such items'],
    [{ by: "ranges" }, { frame: 1 }, 'ranges: "by": "ranges" needs ranges'],
    [{ by: "ranges", ranges: [{ start: 2, end: 1 }] }, { frame: 1 }, "ranges.0: it ends at 1, before it starts at 2"],
  ])("partition_by_frame: %j of %j is refused", async (params, attributes, message) => {
    expect(await messageOf(members(params, numbered(attributes)))).toBe(message);
  });
});
