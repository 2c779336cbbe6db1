/** `split_by_count`, by itself and in a graph. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import split_by_count from "../../../nodes/flow/split_by_count.js";
import { CookSpace } from "../../helpers/cook-space.js";
import { holdsContract } from "../contract.js";
import { itemsOf, wedgeOf } from "../partition/items.js";

describe("split_by_count", () => {
  let space: CookSpace;
  beforeEach(() => {
    space = new CookSpace();
  });
  afterEach(() => space.remove());

  const three = [1, 2, 3].map((x) => ({ attributes: { x } }));
  holdsContract("flow/split_by_count", split_by_count, {
    base: () => ({ inputs: three.slice(0, 1) }),
    changes: () => ({
      count: { to: { count: 0 } },
      from: { to: { from: "last" }, inputs: three },
    }),
  });

  test.each([
    [{ count: 2 }, [1, 2], [3, 4, 5]],
    [{ count: 2, from: "last" }, [4, 5], [1, 2, 3]],
    [{ count: 0, from: "last" }, [], [1, 2, 3, 4, 5]],
    [{ count: 9 }, [1, 2, 3, 4, 5], []],
  ])("split_by_count: %j", async (params, counted, rest) => {
    space.graph("graph.json", {
      first: wedgeOf("x", [1, 2, 3]),
      second: wedgeOf("x", [4, 5]),
      split: { type: "split_by_count", inputs: ["first", "second"], params },
      counted: { type: "merge", inputs: ["split"] },
      others: { type: "merge", inputs: ["split:rest"] },
    });
    const xsOf = async (node: string) =>
      (await itemsOf(space, "graph.json", node)).map(({ attributes }) => attributes.x);
    expect([await xsOf("counted"), await xsOf("others")]).toEqual([counted, rest]);
  });
});
