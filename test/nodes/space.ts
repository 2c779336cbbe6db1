/** A temporary folder with real image files, for the tests of node types. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "@jest/globals";
import type { NodeDefinition, ParamSchemas } from "dag-cook";
import { type Depth, decodeImage, type Image, writeImage } from "dag-cook/image";
import { cookOnce, type NodeCase } from "dag-cook/testing";
import { imageOfPlanes, planesOf } from "../../src/image/planes.js";

/** A folder that is deleted after the file's tests. */
export function testFolder(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "dag-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Cooks a node type inside the folder. */
export function cookIn<S extends ParamSchemas>(folder: string, definition: NodeDefinition<S>) {
  // Tests also give what no parameter takes.
  const type = definition as unknown as NodeDefinition;
  return (node: NodeCase = {}) => cookOnce(type, { ...node, directory: mkdtempSync(join(folder, "cook-")) });
}

/** Writes an image whose value at (channel, x, y) is given, and answers its path. */
export async function imageFile(
  path: string,
  [width, height, channels]: readonly [number, number, number],
  value: (c: number, x: number, y: number) => number,
  depth: Depth = 8,
): Promise<string> {
  const data = new Float32Array(width * height * channels);
  for (let c = 0, at = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++, at++) data[at] = value(c, x, y);
  }
  mkdirSync(dirname(path), { recursive: true });
  await writeImage(path, imageOfPlanes({ width, height, channels }, data, depth));
  return path;
}

/** The values of an image's first channel, row by row, in units of `1 / full`, rounded. */
export function rows(image: Image, full: number): number[][] {
  const { width, height } = image;
  const data = planesOf(image);
  return Array.from({ length: height }, (_, y) =>
    Array.from(data.subarray(y * width, (y + 1) * width), (value) => Math.round(value * full)),
  );
}

/** What a rejection says. */
export async function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "it did not fail",
    (error: Error) => error.message,
  );
}

export { decodeImage };
