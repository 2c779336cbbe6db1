/** Cases in few words: what the fuzz found, and what each kind of edit must come to. Knows worlds and edits as data. */
import type { Case } from "./fuzz.js";
import type { Placed, World } from "./world.js";

const node = (id: number, type: string, from: readonly number[], params: Placed["params"], more = {}): Placed => ({
  id,
  name: `n${id}`,
  type,
  inputs: from.length === 0 ? {} : { main: from.map((each) => ({ id: each })) },
  params,
  settings: {},
  ...more,
});

const world = (...nodes: readonly Placed[]): World => ({
  nodes,
  files: { "data/a/f1.txt": "a", "data/a/f2.txt": "a" },
  code: {},
  order: nodes.map(({ id }) => id),
  groups: [],
  variables: {},
  overrides: [],
});

const COUNTED = { attributes: [{ name: "w", type: "int", values: [0, 1, 2, 3] }] };
const variable = (value: string) => ({ variables: [{ name: "FUZZ_E", value, operation: "set" }] });

export const CASES: Readonly<Record<string, Pick<Case, "world" | "edits">>> = {
  "a loop over items whose last source is taken away has no iteration": {
    world: world(
      node(1, "attribute_create", [], { attributes: [{ name: "x", type: "int", value: 0 }] }),
      node(2, "feedback_begin", [1], { over: "items", iterations: 3 }),
      node(3, "wait_for_all", [2], {}),
      node(4, "feedback_end", [3], {}, { closes: 2 }),
    ),
    edits: [{ kind: "drop", id: 1 }],
  },
  "a file that came under two tags is passed on under each": {
    world: world(
      node(1, "file_pattern", [], { directory: "data/a", tag: "file" }),
      node(2, "file_pattern", [], { directory: "data/a", tag: "file/text" }),
      node(3, "wait_for_all", [1, 2], {}),
      node(4, "fuzz/work", [3], { mode: "pass" }),
    ),
    edits: [{ kind: "touch", path: "data/a/f1.txt" }],
  },
  "a file that was another while it was read, and is again what it was, makes nothing that is believed": {
    world: world(node(1, "fuzz/work", [], { extras: ["data/a/f1.txt"] })),
    edits: [{ kind: "meanwhile", id: 1, path: "data/a/f1.txt", content: "b", back: true, at: 1 }],
  },
  "of a loop of which it cannot be told whether it goes on there is no result, and the others go on": {
    world: world(
      node(1, "attribute_create", [], { attributes: [{ name: "x", type: "int", value: 0 }] }),
      node(2, "wedge", [1], { attributes: [{ name: "w", type: "int", values: [0, 1, 2] }] }),
      node(3, "feedback_begin", [2], { over: "count", iterations: 2 }),
      node(
        4,
        "fuzz/work",
        [3],
        { set: "made", fail_at: 0, reads: ["w", "loopiter"] },
        { settings: { on_failure: "ignore" } },
      ),
      node(5, "feedback_end", [4], { stop_when: "@made == 9" }, { closes: 3 }),
    ),
    edits: [1, 2, 3, 4].map((fail_at) => ({ kind: "param", id: 4, name: "fail_at", value: fail_at })),
  },
  "equal bytes under another name are another input": {
    world: world(node(1, "fuzz/work", [], { extras: ["data/a/f1.txt"] })),
    edits: [{ kind: "param", id: 1, name: "extras", value: ["data/a/f2.txt"] }],
  },
  "another byte of a file that keeps its size is another input": {
    world: world(
      node(1, "file_pattern", [], { directory: "data/a", tag: "file" }),
      node(2, "fuzz/work", [1], { extras: ["data/a/f2.txt"] }),
    ),
    edits: [
      { kind: "write", path: "data/a/f1.txt", content: "b" },
      { kind: "write", path: "data/a/f2.txt", content: "b" },
    ],
  },
  "another tag of a file is another input": {
    world: world(node(1, "file_pattern", [], { directory: "data/a", tag: "file" }), node(2, "fuzz/work", [1], {})),
    edits: [{ kind: "param", id: 1, name: "tag", value: "file/text" }],
  },
  "another variable of the environment is another input": {
    world: world(node(1, "environment_edit", [], variable("e")), node(2, "fuzz/work", [1], { variables: ["FUZZ_E"] })),
    edits: [{ kind: "param", id: 1, name: "variables", value: variable("f").variables }],
  },
  "members in another order are another input": {
    world: world(
      node(1, "wedge", [], COUNTED),
      node(2, "sort", [1], { by: [{ attribute: "w", descending: false }] }),
      node(3, "wait_for_all", [2], {}),
      node(4, "fuzz/work", [3], { reads: ["w"] }),
    ),
    edits: [{ kind: "param", id: 2, name: "by", value: [{ attribute: "w", descending: true }] }],
  },
  "items that a cook decides on are made after it, and again after another": {
    world: world(
      node(1, "fuzz/work", [], { set: "made", text: "0" }),
      node(2, "fuzz/grow", [1], { from: "made" }),
      node(3, "fuzz/work", [2], { reads: ["grown"] }),
    ),
    edits: ["1", "2", "3", "4"].map((value) => ({ kind: "param", id: 1, name: "text", value })),
  },
  "what results refer to is not collected": {
    world: world(
      node(1, "wedge", [], COUNTED),
      node(2, "fuzz/work", [1], { reads: ["w"], output: `out/d1/\${OS}-@{pdg_index}.txt` }),
    ),
    edits: [{ kind: "gc" }, ...[0, 1, 2, 3].map((pick) => ({ kind: "output", how: "remove", pick }) as const)],
  },
  "what was made dirty is cooked, and what is to be cooked always is": {
    world: world(node(1, "wedge", [], COUNTED), node(2, "fuzz/work", [1], { reads: ["w"] })),
    edits: [
      { kind: "dirty", id: 2 },
      { kind: "setting", id: 2, name: "cache_mode", value: "always_write" },
      { kind: "setting", id: 2, name: "cache_mode", value: "never" },
    ],
  },
  "what is tried again is tried as often as it may be": {
    world: world(node(1, "fuzz/work", [], { trips: 2 }, { settings: { on_failure: "retry", retries: 2 } })),
    edits: [{ kind: "param", id: 1, name: "text", value: "t" }],
  },
  "a graph in a graph, and what the command line says, change no key": {
    world: world(
      node(1, "wedge", [], COUNTED),
      node(2, "fuzz/work", [1], { reads: ["w"], amount: 1 }),
      node(3, "fuzz/work", [2], {}),
    ),
    edits: [
      { kind: "group", group: { name: "within", ids: [2, 3], promoted: [{ id: 2, param: "amount" }] }, groups: [] },
      { kind: "override", id: 2, param: "amount", value: 2 },
      { kind: "param", id: 2, name: "amount", value: 2 },
      { kind: "override", id: 2, param: "amount", value: null },
      { kind: "ungroup", name: "within" },
      { kind: "vary", variation: { id: 2, param: "amount", values: [1, 2] } },
    ],
  },
  "what is only read from the store fails where it is not there, and is cooked by nobody": {
    world: world(
      node(1, "wedge", [], COUNTED),
      node(2, "fuzz/work", [1], { reads: ["w"] }),
      node(3, "fuzz/work", [2], {}),
    ),
    edits: [
      { kind: "setting", id: 2, name: "cache_mode", value: "always_read" },
      { kind: "param", id: 2, name: "text", value: "t" },
      { kind: "param", id: 2, name: "text", value: null },
      { kind: "output", how: "remove", pick: 0 },
    ],
  },
  "what is below a blocked item waits in vain, and what waits for that is never made": {
    world: world(
      node(1, "wedge", [], { attributes: [{ name: "w", type: "int", values: [0, 1] }] }),
      node(2, "fuzz/work", [1], { reads: ["w"], fail_at: 0, set: "made" }, { settings: { on_failure: "block" } }),
      node(3, "fuzz/work", [2], {}),
      node(4, "fuzz/work", [3], {}, { settings: { generate_when: "each_upstream_cooked" } }),
      node(5, "wait_for_all", [3], {}),
      node(6, "fuzz/work", [5], {}),
      node(7, "partition_by_attribute", [3], { attributes: [{ name: "made" }], unmatched: "leave_out" }),
      node(8, "feedback_begin", [3], { over: "count", iterations: 2 }),
      node(9, "fuzz/work", [8], {}),
      node(10, "feedback_end", [9], {}, { closes: 8 }),
    ),
    edits: [1, 2, 3, 4, null].map((value) => ({ kind: "param", id: 2, name: "fail_at", value })),
  },
  "graphs lie in graphs, hand parameters through each other, and are passed by": {
    world: world(
      node(1, "wedge", [], COUNTED),
      node(2, "fuzz/work", [1], { reads: ["w"], amount: 1 }),
      node(3, "fuzz/work", [2], {}),
      node(4, "fuzz/work", [3], {}),
    ),
    edits: [
      {
        kind: "group",
        group: { name: "outer", ids: [2, 3], promoted: [{ id: 2, param: "amount" }] },
        groups: [],
      },
      {
        kind: "group",
        group: { name: "inner", ids: [2], promoted: [{ id: 2, param: "amount" }], within: "outer" },
        groups: [],
      },
      { kind: "override", id: 2, param: "amount", value: 2 },
      { kind: "pass", name: "inner", bypass: true },
      { kind: "pass", name: "outer", bypass: true },
      { kind: "pass", name: "inner", bypass: false },
      { kind: "pass", name: "outer", bypass: false },
      { kind: "group", group: { name: "around", ids: [4], promoted: [{ id: 2, param: "amount" }] }, groups: ["outer"] },
      { kind: "override", id: 2, param: "amount", value: null },
      { kind: "ungroup", name: "outer" },
    ],
  },
  "what others do to outputs and blobs while items cook is made good, and loses nothing of theirs": {
    world: world(
      node(1, "wedge", [], COUNTED),
      node(2, "fuzz/work", [1], { reads: ["w"], output: `out/d1/\${OS}-@{pdg_index}.txt` }),
      node(3, "fuzz/work", [2], {}),
    ),
    edits: [2, 3].flatMap((id) =>
      (["remove", "edit", "touch", "blob"] as const).map((how, at) => ({ kind: "amid", id, how, pick: 1, at })),
    ),
  },
};
