/** Node type `line_interpolation`: heights between the lines of a sketch, as a baseline that was never trained. */
import { defineNode, type ParamValues } from "dag-cook";
import type { Image } from "dag-cook/image";
import { imageName, requireTagged, writeInto } from "../image/files/images.js";
import { type Springs, solveMembrane } from "./membrane/membrane.js";

const PARAMS = {
  lines: {
    type: "array",
    minItems: 1,
    default: [
      { color: "#0000ff", height: 0.1 },
      { color: "#ff0000", height: 0.6 },
      { color: "#808080", height: 0.5 },
    ],
    description: "Colours of the sketch's lines and their heights: rivers blue, ridges red, contour lines gray.",
    items: {
      type: "object",
      properties: {
        color: {
          type: "string",
          pattern: "^#[0-9a-fA-F]{6}$",
          template: false,
          required: true,
          description: "The line's colour, `#rrggbb`.",
        },
        height: { type: "number", minimum: 0, maximum: 1, required: true, description: "Height of its pixels." },
      },
    },
  },
  tolerance: {
    type: "number",
    minimum: 0,
    maximum: 1,
    default: 0.2,
    description: "Largest difference of a channel from a line's colour.",
  },
  stiffness: {
    type: "number",
    exclusiveMinimum: 0,
    default: 0.3,
    description: "How strongly lines hold their heights against the smoothness between them; 1000 is as good as fixed.",
  },
  precision: {
    type: "number",
    exclusiveMinimum: 0,
    maximum: 0.1,
    default: 1e-5,
    description: "The heights are solved until none moves by more than this.",
  },
  tag: { type: "string", default: "file/image/input", minLength: 1, description: "Tag of the sketches." },
  name: {
    type: "string",
    default: "line_interpolation",
    minLength: 1,
    description: "Name of the baseline in comparisons.",
  },
} as const;

type Params = ParamValues<typeof PARAMS>;

export default defineNode({
  description: "Interpolates the lines of a sketch to heights: a baseline that a trained model must beat.",
  version: 1,
  params: PARAMS,
  inputs: { main: { description: "Items with sketches." } },
  attributes: { writes: { baseline: "string" } },
  async cook({ inputs }, params, { directory, signal, warn }) {
    const member = inputs.main![0]!;
    const [sketch] = requireTagged(member, params.tag);
    const { decodeImage, imageOf } = await import("dag-cook/image");
    const image = await decodeImage(sketch.path);
    signal.throwIfAborted();
    const springs = await springsOf(image, sketch.name, params);
    const drawn = springs.stiffness.some((stiffness) => stiffness > 0);
    if (!drawn) warn(`${sketch.name}: no pixel has the colour of a line; the heights are all the same.`);
    const heights = drawn ? solveMembrane(springs, params.precision) : springs.heights;
    const path = `output/${imageName(sketch.name, 16)}`;
    const { width, height } = image;
    await writeInto(directory, path, imageOf({ width, height, channels: 1 }, Float32Array.from(heights), 16));
    const passed = member.files.map((file) => ({ pass: file }));
    return { outputs: [{ path, tag: "file/image/output" }, ...passed], attributes: { baseline: params.name } };
  },
});

/** A spring at every pixel of a line; the nearest colour within the tolerance is the line's. */
async function springsOf(image: Image, name: string, { lines, tolerance, stiffness }: Params): Promise<Springs> {
  const { planesOf, UNIT } = await import("dag-cook/image");
  const { toNetwork } = await import("dag-cook/ml/data/network-image");
  const { width, height } = image;
  const form = { channel_count: 3, alpha: "drop", range: UNIT, non_finite: "error" } as const;
  const data = planesOf(toNetwork(image, form, name));
  const pixels = width * height;
  const mean = lines.reduce((sum, line) => sum + line.height, 0) / lines.length;
  const springs = { width, height, heights: new Float64Array(pixels).fill(mean), stiffness: new Float64Array(pixels) };
  const colors = lines.map(({ color }) => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255));
  const { abs, max } = Math;
  for (let at = 0; at < pixels; at++) {
    const [r, g, b] = [data[at]!, data[pixels + at]!, data[2 * pixels + at]!];
    let nearest = tolerance;
    for (let line = 0; line < colors.length; line++) {
      const color = colors[line]!;
      const distance = max(abs(r - color[0]!), abs(g - color[1]!), abs(b - color[2]!));
      if (distance > nearest) continue;
      nearest = distance;
      springs.heights[at] = lines[line]!.height;
      springs.stiffness[at] = stiffness;
    }
  }
  return springs;
}
