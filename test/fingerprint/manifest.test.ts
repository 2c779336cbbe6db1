import { describe, expect, test } from "@jest/globals";
import { type Digest, digestOf } from "../../src/base/hash.js";
import { manifestParts } from "../../src/fingerprint/fields.js";
import { fingerprint, type NodeIdentity, nodeManifest, splitOutput } from "../../src/fingerprint/manifest.js";
import { changes, kindOf } from "../../src/fingerprint/reason.js";
import { reasonText } from "../../src/report/reasons.js";

const NODE: NodeIdentity = {
  type: "augment",
  version: 1,
  code: digestOf("code"),
  packages: ["sharp@0.35.0"],
  schemas: {
    copies: { type: "integer", description: "" },
    threads: { type: "integer", description: "", effect: false },
    model: { type: "string", path: "output", description: "" },
    image: { type: "string", path: "input", description: "" },
    training: { type: "object", description: "", properties: { rate: { type: "number", description: "" } } },
  },
  params: { copies: 4, threads: 2, model: "$HIP/out/a/net.onnx", image: "$HIP/data/a.png", training: { rate: 0.1 } },
  inputDigest: (path) => (path.endsWith(".png") ? digestOf(path.slice(path.lastIndexOf("/"))) : undefined),
};
const ITEM = { attributes: {}, variables: {}, inputs: new Map(), files: [], seed: undefined };

function key(change: Partial<NodeIdentity["params"]>): Digest {
  return fingerprint(nodeManifest({ ...NODE, params: { ...NODE.params, ...change } }), ITEM).digest;
}

describe("fingerprint", () => {
  const same = key({});

  test("digest: it is that of the readable manifest", () => {
    const print = fingerprint(nodeManifest(NODE), ITEM);
    expect(print.digest).toBe(digestOf(print.manifest));
    expect(JSON.parse(print.manifest)).toEqual([
      ["schema", 2],
      ["type", "augment@1"],
      ["code", digestOf("code")],
      ["package", "sharp@0.35.0"],
      ["param.copies", 4],
      ["param.image", { $file: "a.png", digest: digestOf("/a.png") }],
      ["param.model", "net.onnx"],
      ["param.training.rate", 0.1],
    ]);
  });

  test("parameters: a value is in it, one without effect is not", () => {
    expect(key({ copies: 5 })).not.toBe(same);
    expect(key({ training: { rate: 0.2 } })).not.toBe(same);
    expect(key({ threads: 8 })).toBe(same);
  });

  test("paths: folders are not in it, names and content are", () => {
    expect(key({ model: "$JOB/elsewhere/net.onnx" })).toBe(same);
    expect(key({ model: "$HIP/out/a/other.onnx" })).not.toBe(same);
    expect(key({ image: "$JOB/moved/a.png" })).toBe(same);
    expect(key({ image: "$HIP/data/b.png" })).not.toBe(same);
    expect(key({ image: "$HIP/data" })).toBe(key({ image: "$JOB/another" }));
  });

  test("inputs: order, tag, name and content of each file are in it", () => {
    const file = (digest: string, tag = "file/image", name = "a.png") => ({ digest, tag, name });
    const of = (...files: ReturnType<typeof file>[]) =>
      fingerprint("node", { ...ITEM, inputs: new Map([["main", [{ attributes: {}, files }]]]) }).digest;
    const all = [
      of(file("1")),
      of(file("2")),
      of(file("1", "file/image/input")),
      of(file("1", "file/image", "b.png")),
      of(file("1"), file("2")),
      of(file("2"), file("1")),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test("output paths: the folder ends before the first variable", () => {
    expect(splitOutput("$HIP/out/net.onnx")).toEqual({ folder: "$HIP/out", name: "net.onnx" });
    expect(splitOutput("$HIP/out/{network}_{index}.onnx")).toEqual({
      folder: "$HIP/out",
      name: "{network}_{index}.onnx",
    });
    expect(splitOutput("$HIP/{iteration}/net.onnx")).toEqual({ folder: "$HIP", name: "{iteration}/net.onnx" });
  });
});

describe("reason", () => {
  const said = (old: readonly unknown[], now: readonly unknown[]) =>
    changes(JSON.stringify(old), JSON.stringify(now)).map((change) => reasonText({ kind: kindOf(change), ...change }));
  const digest = (letter: string) => letter.repeat(64);
  const file = (letter: string, name: string, tag = "file/image") => [
    "input.main",
    { $file: name, digest: digest(letter), tag },
  ];

  test("parameter: old and new value, whatever their texts hold", () => {
    expect(said([["param.copies", 4]], [["param.copies", 5]])).toEqual(["param.copies was 4, is 5"]);
    expect(said([], [["param.rate", 0.1]])).toEqual(["param.rate is now 0.1 (was not set)"]);
    const hostile = "x\nparam.copies: 9\n, is 3";
    expect(said([["param.text", "a"]], [["param.text", hostile]])).toEqual([
      `param.text was "a", is ${JSON.stringify(hostile)}`,
    ]);
  });

  test("input: the file that changed, came or went is named", () => {
    expect(said([file("a", "t.png")], [file("b", "t.png")])).toEqual([
      'input.main: content of file/image "t.png" changed',
    ]);
    expect(said([file("a", "t.png")], [file("a", "t.png"), file("b", "u.png")])).toEqual([
      'input.main: new file/image "u.png"',
    ]);
    expect(said([file("a", "t.png"), file("b", "u.png")], [file("a", "t.png")])).toEqual([
      'input.main: gone file/image "u.png"',
    ]);
  });

  test("attribute: its name, old and new value", () => {
    expect(said([["@lr", 1]], [["@lr", 2]])).toEqual(["@lr was 1, is 2"]);
    expect(said([["input.main@lr", 1]], [["input.main@lr", 2]])).toEqual(["input.main: @lr was 1, is 2"]);
  });

  test("an older form: the one reason is that keys are others now", () => {
    const { manifest } = fingerprint(nodeManifest(NODE), ITEM);
    const told = changes("schema: 1\ntype: augment@1\ncode: c", manifest);
    expect(told).toEqual([{ field: "schema", old: [1], new: [2] }]);
    expect(kindOf(told[0]!)).toBe("version");
  });

  test("parts: a package whose name begins like an attribute is a package", () => {
    const identity = { ...NODE, packages: ["@bufbuild/protobuf@2.17.0"] };
    const attributes = { ref: { $file: "$HIP/a.png", digest: digest("a"), tag: "file/image" } };
    const { manifest } = fingerprint(nodeManifest(identity), { ...ITEM, attributes });
    const { packages, files } = manifestParts(manifest);
    expect([packages, files.map(({ field, name }) => [field, name])]).toEqual([
      ["@bufbuild/protobuf@2.17.0"],
      [
        ["param.image", "a.png"],
        ["@ref", "$HIP/a.png"],
      ],
    ]);
  });

  test("order: the same inputs in another order", () => {
    const [a, b] = [file("a", "a", "file"), file("b", "b", "file")];
    expect(said([a, b], [b, a])).toEqual(["input.main: the same inputs in another order"]);
  });
});
