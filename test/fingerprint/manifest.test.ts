import { describe, expect, test } from "@jest/globals";
import { type Digest, digestOf } from "../../src/base/hash.js";
import { fingerprint, type NodeIdentity, nodeManifest, splitOutput } from "../../src/fingerprint/manifest.js";
import { partsOf } from "../../src/fingerprint/parts.js";
import { changes, describeChange } from "../../src/fingerprint/reason.js";

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
    expect(print.manifest).toContain("\nparam.training.rate: 0.1");
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
  const said = (old: string, now: string) => changes(old, now).map(describeChange);
  const digest = (letter: string) => letter.repeat(64);

  test("parameter: old and new value", () => {
    expect(said("param.copies: 4", "param.copies: 5")).toEqual(["param.copies was 4, is 5"]);
    expect(said("type: a@1", "type: a@1\nparam.rate: 0.1")).toEqual(["param.rate is now 0.1 (was not set)"]);
  });

  test("input: the file that changed, came or went is named", () => {
    const line = (letter: string, name: string) => `input.main: ${digest(letter)} file/image "${name}"`;
    expect(said(line("a", "t.png"), line("b", "t.png"))).toEqual(['input.main: content of file/image "t.png" changed']);
    expect(said(line("a", "t.png"), `${line("a", "t.png")}\n${line("b", "u.png")}`)).toEqual([
      'input.main: new file/image "u.png"',
    ]);
    expect(said(`${line("a", "t.png")}\n${line("b", "u.png")}`, line("a", "t.png"))).toEqual([
      'input.main: gone file/image "u.png"',
    ]);
  });

  test("attribute: its name, old and new value", () => {
    expect(said("attribute: @lr = 1", "attribute: @lr = 2")).toEqual(["attribute was @lr = 1, is @lr = 2"]);
    expect(said("input.main: @lr = 1", "input.main: @lr = 2")).toEqual(["input.main: @lr was 1, is 2"]);
  });

  test("parts: a package whose name begins like an attribute is a package", () => {
    const identity = { ...NODE, packages: ["@bufbuild/protobuf@2.17.0"] };
    const attributes = { ref: { $file: "$HIP/a.png", digest: digest("a"), tag: "file/image" } };
    const { manifest } = fingerprint(nodeManifest(identity), { ...ITEM, attributes });
    const { packages, files } = partsOf(manifest);
    expect([packages, files.map(({ field, name }) => [field, name])]).toEqual([
      ["@bufbuild/protobuf@2.17.0"],
      [
        ["param.image", "a.png"],
        ["attribute", "$HIP/a.png"],
      ],
    ]);
  });

  test("order: the same inputs in another order", () => {
    const [a, b] = [`input.main: ${digest("a")} file "a"`, `input.main: ${digest("b")} file "b"`];
    expect(said(`${a}\n${b}`, `${b}\n${a}`)).toEqual(["input.main: the same inputs in another order"]);
  });
});
