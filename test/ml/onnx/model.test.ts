import { describe, expect, test } from "@jest/globals";
import {
  attribute,
  ElementType,
  floatsOf,
  floatTensor,
  type GraphProto,
  int64Tensor,
  intsOf,
  irVersionOf,
  ModelFormatError,
  type ModelProto,
  modelOf,
  tensorValue,
} from "../../../src/ml/onnx/model.js";
import { decodeModel, encodeModel } from "../../../src/ml/onnx/model-bytes.js";

const node = (operator: string, inputs: readonly string[], output: string, attributes = [attribute.int("a", 0)]) => ({
  ...{ name: output, operator, attributes, domain: "", inputs, outputs: [output] },
});

function example(): ModelProto {
  const body = { name: "body", nodes: [], initializers: [], inputs: [], outputs: [] };
  const attributes = [
    attribute.float("alpha", 0.25),
    attribute.int("axis", -1),
    attribute.ints("pads", [0, 1, -2]),
    attribute.string("mode", "réflexion"),
    attribute.graph("body", body),
  ];
  const graph = {
    name: "g",
    nodes: [node("Conv", ["input", "", "w"], "output", attributes)],
    initializers: [floatTensor("w", [2, 2], Float32Array.of(1, -2.5, 0, 3)), int64Tensor("n", [2], [-1, 2 ** 40])],
    inputs: [tensorValue("input", ElementType.float32, [1, 3, "height", "width"])],
    outputs: [tensorValue("output", ElementType.float32, [])],
  };
  return modelOf(
    graph,
    17,
    new Map([
      ["layout", "NCHW"],
      ["empty", ""],
    ]),
  );
}

describe("ONNX models as bytes", () => {
  test("model: what is written is read back", () => {
    const bytes = encodeModel(example());
    const read = decodeModel(bytes);
    expect(read).toEqual(example());
    expect([...floatsOf(read.graph!.initializers[0]!)]).toEqual([1, -2.5, 0, 3]);
    expect(intsOf(read.graph!.initializers[1]!)).toEqual([-1, 2 ** 40]);
  });

  test("model: the bytes are those of onnx.proto", () => {
    const graph = { name: "g", nodes: [], initializers: [], inputs: [], outputs: [] };
    // ir_version (1) 8, producer_name (2), graph (7) with its name (2), opset_import (8) with its version (2).
    const expected = [0x08, 8, 0x12, 3, 100, 97, 103, 0x3a, 3, 0x12, 1, 103, 0x42, 2, 0x10, 17];
    expect([...encodeModel(modelOf(graph, 17))]).toEqual(expected);
  });

  test("model: numbers are read packed or not, and unknown fields are skipped", () => {
    const tensor = (dims: readonly number[]) => [...dims, 0x10, 1, 0x4a, 8, 0, 0, 128, 63, 0, 0, 0, 64, 0xf2, 7, 1, 9];
    const model = (dims: readonly number[]) => {
      const initializer = tensor(dims);
      const graph = [0x2a, initializer.length, ...initializer];
      return decodeModel(Uint8Array.from([0x3a, graph.length, ...graph, 0x42, 2, 0x10, 17]));
    };
    for (const read of [model([0x0a, 2, 2, 1]), model([0x08, 2, 0x08, 1])]) {
      const [initializer] = read.graph!.initializers;
      expect(initializer!.shape).toEqual([2, 1]);
      expect([...floatsOf(initializer!)]).toEqual([1, 2]);
    }
  });

  test("model: values in another file are refused, those of constants and in graphs of nodes too", () => {
    const outside = { ...floatTensor("w", [1], Float32Array.of(1)), raw: undefined, location: 1 };
    const words = 'the values of "w" lie in another file';
    const { graph, ...rest } = example();
    const refused = (changed: GraphProto) => () => decodeModel(encodeModel({ ...rest, graph: changed }));
    expect(refused({ ...graph!, initializers: [outside] })).toThrow(words);
    const constant = { ...attribute.int("value", 0), type: 4, int: undefined, tensor: outside };
    const holding = (given: typeof constant | ReturnType<typeof attribute.graph>): GraphProto => ({
      ...graph!,
      nodes: [{ inputs: [], outputs: ["c"], name: "c", operator: "Constant", attributes: [given], domain: "" }],
    });
    expect(refused(holding(constant))).toThrow(words);
    expect(refused(holding(attribute.graph("then_branch", holding(constant))))).toThrow(words);
  });

  test("model: every truncation is refused or read, and never ends otherwise", () => {
    const bytes = encodeModel(example());
    let refused = 0;
    for (let length = 0; length < bytes.length; length++) {
      try {
        decodeModel(bytes.subarray(0, length));
      } catch (error) {
        expect(error).toBeInstanceOf(ModelFormatError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(bytes.length / 2);
  });

  test("model: every changed byte is refused or read, and never ends otherwise", () => {
    const bytes = encodeModel(example());
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0x00, 0x7f, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[at] = value;
        try {
          decodeModel(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFormatError);
        }
      }
    }
  });

  test("model: nesting without end is refused", () => {
    let bytes: Uint8Array = Uint8Array.of();
    const framed = (field: number, inner: Uint8Array) => {
      const length: number[] = [];
      let rest = inner.length;
      do {
        length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
        rest >>= 7;
      } while (rest > 0);
      return Buffer.concat([Uint8Array.of(field * 8 + 2, ...length), inner]);
    };
    // graph → node → attribute → graph …
    for (let depth = 0; depth < 4000; depth++) bytes = framed(1, framed(5, framed(6, bytes)));
    const model = Buffer.concat([framed(7, bytes), Uint8Array.of(0x42, 2, 0x10, 17)]);
    expect(() => decodeModel(model)).toThrow(ModelFormatError);
  });

  test("model: text, emptiness and tensors that lack values are refused with the reason", () => {
    const text = new TextEncoder().encode("<html>not found</html>");
    expect(() => decodeModel(text)).toThrow(/^not an ONNX model, or a truncated one \(22 bytes\): /);
    expect(() => decodeModel(new Uint8Array())).toThrow("not an ONNX model: it has no graph or names no operator set");
    const { graph } = example();
    const short = { ...graph!, initializers: [floatTensor("w", [3], Float32Array.of(1))] };
    expect(() => decodeModel(encodeModel(modelOf(short, 17)))).toThrow(
      'the initializer "w" does not hold the values of its shape [3]',
    );
  });

  test("model: IR versions follow ONNX's table", () => {
    expect([11, 12, 14, 15, 18, 19, 20, 21].map(irVersionOf)).toEqual([6, 7, 7, 8, 8, 9, 9, 10]);
  });
});
