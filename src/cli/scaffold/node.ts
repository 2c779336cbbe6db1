/** The texts of a new node type: its source, its test, a graph that uses it. All pass before a line is edited. Touches no file. */

/** Where a node type's files lie, relative to its project, by its name `area/…/name`. */
export interface NodeFiles {
  readonly source: string;
  readonly test: string;
  readonly graph: string;
  readonly page: string;
}

export function nodeFiles(type: string): NodeFiles {
  return {
    source: `nodes/${type}.ts`,
    test: `nodes/${type}.test.ts`,
    graph: `graphs/${type}.json`,
    page: `docs/nodes/${type}.md`,
  };
}

/** Letters, digits, `_` and `-` in each part; one folder at least. */
export const TYPE_NAME = /^[a-z][a-z0-9_-]*(\/[a-z0-9][a-z0-9_-]*)+$/;

/** `../` for every folder between a file and its project. */
function up(path: string): string {
  return "../".repeat(path.split("/").length - 1);
}

function variable(type: string): string {
  const name = type.slice(type.lastIndexOf("/") + 1).replaceAll("-", "_");
  return /^[a-z]/.test(name) && !RESERVED.has(name) ? name : `node_${name}`;
}

const RESERVED = new Set(
  "break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield await test".split(
    " ",
  ),
);

export function nodeSource(type: string): string {
  return `/** Node type \`${type}\`. */
import { join } from "node:path";
import { type CookedFile, defineNode } from "dag-cook";

export default defineNode({
  description: "Multiplies the values of every image by a gain.",
  // Raise it when cook() would answer differently, or when a parameter is renamed (see migrate).
  version: 1,
  params: {
    gain: { type: "number", minimum: 0, maximum: 100, default: 1.5, description: "What every value is multiplied by." },
    keep_alpha: { type: "boolean", default: true, description: "Whether the alpha channel stays as it is." },
  },
  inputs: { main: { description: "Items with image files." } },
  // Runs in a worker process, once for each item whose parameters, inputs or code changed.
  async cook(item, { gain, keep_alpha }, { directory, signal, progress }) {
    const { decodeImage, imageOf, valuesOf, writeImage } = await import("dag-cook/image");
    const files = (item.inputs.main ?? []).flatMap((member) => member.files);
    const outputs: CookedFile[] = [];
    for (const [index, file] of files.entries()) {
      signal.throwIfAborted();
      const image = await decodeImage(file.path);
      // Pixel by pixel, 0..1.
      const colors = image.channels - (image.alpha && keep_alpha ? 1 : 0);
      const values = valuesOf(image).map((value, at) => (at % image.channels < colors ? value * gain : value));
      const path = \`\${file.name.replace(/^.*\\/|\\.\\w+$/g, "")}.\${image.depth === "float" ? "tif" : "png"}\`;
      await writeImage(join(directory, path), imageOf(image, values, image.depth, image.alpha));
      outputs.push({ path, tag: file.tag });
      progress({ fraction: (index + 1) / files.length });
    }
    return { outputs };
  },
});
`;
}

export function nodeTest(type: string): string {
  const file = type.slice(type.lastIndexOf("/") + 1);
  const name = variable(type);
  return `/** Runs with \`dag test\`. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decodeImage, encodePng, imageOf, valuesOf } from "dag-cook/image";
import { cookOnce, scratch, testNodeType } from "dag-cook/testing";
import ${name} from "./${file}.ts";

/** Grey of 0.25, half transparent: 4 channels of 2×2. */
const picture = join(scratch(), "picture.png");
const values = Array(4).fill([0.25, 0.25, 0.25, 0.5]).flat();
writeFileSync(picture, await encodePng(imageOf({ width: 2, height: 2, channels: 4 }, new Float32Array(values), 8, true)));
const inputs = [{ files: [{ path: picture, tag: "file/image" }] }];

// What every node type must do: each parameter shows in the result, two cooks give the same bytes, a stop is heard, …
testNodeType(test, ${name}, {
  module: new URL("./${file}.ts", import.meta.url),
  base: () => ({ inputs }),
  changes: () => ({
    gain: { to: { gain: 2 } },
    keep_alpha: { to: { keep_alpha: false } },
  }),
  // By version: what graphs hold that were saved with it. Never edit an older one.
  saved: { 1: { gain: 1.5, keep_alpha: true } },
});

test("${type}: values are multiplied, alpha stays", async () => {
  const { items } = await cookOnce(${name}, { inputs, params: { gain: 2 } });
  const values = valuesOf(await decodeImage(items[0]!.outputs[0]!.path));
  assert.deepEqual([values[0]!.toFixed(2), values[3]!.toFixed(2)], ["0.50", "0.50"]);
});
`;
}

export function nodeGraph(type: string): string {
  const { graph } = nodeFiles(type);
  const base = up(graph);
  return `{
  "$schema": "${base}graph.schema.json",
  "version": 1,
  "nodes": {
    "pictures": { "type": "image_import", "params": { "directory": "$HIP/${base}data" } },
    "${variable(type)}": {
      "type": "${type}@1",
      "inputs": ["pictures"],
      "label": "@filename",
      "params": { "gain": 1.5, "keep_alpha": true }
    },
    "all": { "type": "wait_for_all", "inputs": ["${variable(type)}"] },
    "sheet": {
      "type": "contact_sheet",
      "inputs": ["all"],
      "params": { "columns": ["file/image"], "label_attribute": "filename", "output": "$HIP/${base}out/${type}.png" }
    }
  }
}
`;
}
