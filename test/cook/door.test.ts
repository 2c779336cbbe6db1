/** The door `dag-cook/cook`: a program cooks graph files with the package as it is installed. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { CookError, type CookEvent, cook } from "dag-cook/cook";
import { CookSpace } from "../helpers/cook-space.js";

const space = new CookSpace();
afterAll(() => space.remove());

const SCALED = `
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineNode } from "dag-cook";
export default defineNode({
  description: "Writes a number, times a factor.",
  version: 1,
  params: {
    factor: { type: "number", default: 1, description: "Factor." },
    wait: { type: "boolean", default: false, description: "Whether it waits until it is stopped." },
  },
  inputs: { main: { description: "Numbers." } },
  attributes: { reads: ["size"], writes: { scaled: "float" } },
  async cook({ attributes }, { factor, wait }, { directory, signal }) {
    if (attributes.size === 0) throw new Error("Nothing is nothing.");
    signal.throwIfAborted();
    if (wait) await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const scaled = attributes.size * factor;
    writeFileSync(join(directory, "scaled.txt"), String(scaled));
    return { attributes: { scaled }, outputs: [{ path: "scaled.txt", tag: "file/text" }] };
  },
});
`;

beforeAll(() => {
  space.write("nodes/studio/scaled.ts", SCALED);
  const sizes = { type: "wedge", params: { attributes: [{ name: "size", type: "int", values: [1, 2] }] } };
  space.graph("sizes.json", { sizes, scaled: { type: "studio/scaled", inputs: ["sizes"], label: { inherit: true } } });
});

const graph = space.path("sizes.json");
const valuesOf = (cooked: Awaited<ReturnType<typeof cook>>): unknown[] =>
  cooked
    .items("scaled")
    .map(({ attributes, files }) => [
      attributes.size,
      attributes.scaled,
      files.map(({ path }) => readFileSync(path, "utf8")),
    ]);

describe("dag-cook/cook", () => {
  test("a graph is cooked, its items have attributes and files; again, nothing is", async () => {
    const events: CookEvent[] = [];
    const first = await cook(graph, { onEvent: (event) => events.push(event) });
    expect([first.ok, first.stopped, first.cooked, first.counts.cooked_success]).toEqual([true, false, 2, 4]);
    expect(valuesOf(first)).toEqual([
      [1, 1, ["1"]],
      [2, 2, ["2"]],
    ]);
    expect(first.items("scaled").map(({ state, label, files }) => [state, label, files[0]?.tag])).toEqual([
      ["cooked_success", "size 1", "file/text"],
      ["cooked_success", "size 2", "file/text"],
    ]);
    expect(events.filter(({ type }) => type === "item_published")).toHaveLength(2);
    const again = await cook(graph);
    expect([again.ok, again.cooked, again.counts.cooked_cache]).toEqual([true, 0, 2]);
    expect(valuesOf(again)).toEqual(valuesOf(first));
  });

  test("set and wedge: as on the command line, whatever the values' types", async () => {
    const set = await cook(graph, { set: { "scaled.factor": 3 }, item: "scaled:1" });
    expect(valuesOf(set).at(1)).toEqual([2, 6, ["6"]]);
    const wedged = await cook(graph, { wedge: { "scaled.factor": [5, 7] }, nodes: ["scaled"] });
    expect(wedged.items("scaled").map(({ attributes }) => attributes.scaled)).toEqual([5, 7, 10, 14]);
    const texts = ["file/a", "file/b,c", "5", "true"];
    space.graph("texts.json", {
      note: { type: "generic_generator", params: { count: 1 } },
      run: { type: "shell", inputs: ["note"], params: { command: ["echo", "x"], output_tag: "file/text" } },
    });
    // Each is taken as it is: a comma parts nothing, and a text that looks like a number stays a text.
    const typed = await cook(space.path("texts.json"), { wedge: { "run.output_tag": texts } });
    expect([typed.ok, typed.items("run").map(({ attributes }) => attributes.output_tag)]).toEqual([true, texts]);
    const wrong = await cook(graph, { set: { "scaled.factor": "3", "scald.factor": 1 } }).catch((error) => error);
    expect(wrong.diagnostics).toMatchObject([{ place: { file: "set", line: 2, column: 1 }, suggestion: "scaled" }]);
  });

  test("items that fail: no rejection, their state and reason say so", async () => {
    const cooked = await cook(graph, { set: { "sizes.attributes": [{ name: "size", type: "int", values: [0, 4] }] } });
    expect([cooked.ok, cooked.stopped]).toEqual([false, false]);
    expect(cooked.items("scaled").map(({ state, reason }) => [state, reason])).toEqual([
      ["cooked_fail", "Nothing is nothing."],
      ["cooked_success", undefined],
    ]);
    expect(() => cooked.items("scald")).toThrow('No node "scald" was cooked. Those that were: sizes, scaled.');
  });

  test("what cannot be cooked: a CookError with the places in the graph", async () => {
    space.write("broken.json", '{ "version": 1, "nodes": { "a": { "type": "wegde" } } }');
    const broken = await cook(space.path("broken.json")).catch((error: unknown) => error);
    expect(broken).toBeInstanceOf(CookError);
    expect(broken).toMatchObject({
      message: expect.stringMatching(/1 problem in .*broken\.json; nothing was run\./),
      diagnostics: [{ severity: "error", suggestion: "wedge", place: { line: 1, column: 43 } }],
    });
    await expect(cook(graph, { cpuSlots: 0 })).rejects.toThrow("cpuSlots is 0; it must be a whole number, 1 or more.");
    await expect(cook(space.path("absent.json"))).rejects.toThrow(/There is no graph file .*absent\.json/);
    await expect(cook(graph, { nodes: ["scald"] })).rejects.toThrow(
      'The graph has no node "scald". Did you mean "scaled"?',
    );
  });

  test("an aborted signal: what runs is stopped, and nothing more is begun", async () => {
    const stop = new AbortController();
    const cooked = await cook(graph, {
      set: { "scaled.wait": true },
      cpuSlots: 1,
      signal: stop.signal,
      onEvent: (event) => void (event.type === "item_state" && event.to === "cooking" && stop.abort()),
    });
    expect([cooked.ok, cooked.stopped]).toEqual([false, true]);
    expect(cooked.items("scaled").map(({ state }) => state)).toEqual(["cooked_cancel", "cooked_cancel"]);
    const none = await cook(graph, { set: { "scaled.factor": 9 }, signal: AbortSignal.abort() });
    expect([none.stopped, none.cooked]).toEqual([true, 0]);
  });
});
