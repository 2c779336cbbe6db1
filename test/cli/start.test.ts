/** What a start loads: the speed of `dag` on a graph with nothing to cook hangs on it. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { inStudio } from "../helpers/studio.js";

test("start: a cached cook loads neither ajv nor a worker, and still refuses what is wrong", () =>
  inStudio(async (space) => {
    const graph = (text: unknown) => space.graph("g.json", { one: { type: "studio/work", params: { text } } });
    const cook = async (coverage: string) => {
      space.environment = { ...space.environment, NODE_V8_COVERAGE: space.path(coverage) };
      const ended = await space.dag("cook", "g.json");
      const reports = readdirSync(space.path(coverage)).map((name) => space.read(`${coverage}/${name}`));
      return { exit: ended.exit, reports, ajv: reports.some((text) => text.includes("/node_modules/ajv/")) };
    };
    graph("a");
    expect(await cook("first")).toMatchObject({ exit: 0, ajv: true });
    const second = await cook("second");
    expect(second).toMatchObject({ exit: 0, ajv: false });
    expect(second.reports).toHaveLength(1);
    graph(["a"]);
    expect(await cook("wrong")).toMatchObject({ exit: 2, ajv: true });
    expect(readFileSync(space.path(".dag/conformed"), "utf8")).toMatch(/^([0-9a-f]{32}\n)+$/);
  }));
