/**
 * Node type of the random graphs: work whose files and attributes follow from all that it is given, and from nothing else.
 * `madeOf` is its work without a file system, so that a simulated worker does the same.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type CookItem, type CookResult, defineNode, type InputFile, type ParamValues } from "dag-cook";

const PARAMS = {
  text: { type: "string", default: "", description: "Written." },
  number: { type: "integer", default: 0, description: "Written." },
  source: { type: ["string", "null"], path: "input", default: null, description: "A file that is read." },
  reads: { type: "array", items: { type: "string" }, default: [], description: "Attributes that are read." },
  writes: {
    type: "array",
    items: { type: "string" },
    default: [],
    description: "Attributes that get a number, 0 to 3.",
  },
  list: { type: "string", template: false, default: "", description: "Attribute that gets a list of numbers." },
  count: { type: "integer", minimum: 0, default: 1, description: "How many files are written." },
  pass: { type: "boolean", default: false, description: "Whether the first input file is passed on." },
  output: { type: ["string", "null"], path: "output", default: null, description: "Where the first file is put." },
  fails: { type: ["boolean", "number"], default: false, description: "Whether it fails." },
  wait: { type: "number", minimum: 0, default: 0, effect: false, description: "Seconds that it takes." },
  quiet: { type: "string", default: "", effect: false, description: "Means nothing." },
} as const;

type Params = ParamValues<typeof PARAMS>;

interface Made extends Pick<CookResult, "attributes"> {
  /** In order: files with their text, or passed on. */
  readonly files: readonly (
    | { readonly path: string; readonly text: string; readonly parameter?: string }
    | { readonly pass: InputFile }
  )[];
}

/** What an item's work makes. Throws where it is to fail. */
export function madeOf(item: CookItem, params: Params, read: (path: string) => string): Made {
  const members = Object.values(item.inputs).flat();
  const given = [...item.files, ...members.flatMap(({ files }) => files)];
  const texts = given.map(({ path, name, tag }) => `${name} ${tag} ${read(path)}`);
  const source = params.source === null ? "" : read(params.source);
  const attributes = JSON.stringify([item.attributes, members.map((member) => member.attributes)]);
  const sum = createHash("sha256")
    .update(JSON.stringify([texts, source, attributes, params.text, params.number]))
    .digest();
  if (Number(params.fails) !== 0) throw new Error("told to fail");
  const files: Made["files"][number][] = Array.from({ length: params.count }, (_, place) => {
    const named = place === 0 && params.output !== null;
    const text = `${params.text} ${params.number} ${sum.toString("hex", 0, 8)} ${place}\n`;
    return named ? { path: params.output!, text, parameter: "output" } : { path: `made_${place}.txt`, text };
  });
  const [first] = given;
  if (params.pass && first !== undefined) files.push({ pass: first });
  return {
    files,
    attributes: {
      ...Object.fromEntries(params.writes.map((name, place) => [name, sum[place]! % 4])),
      ...(params.list !== "" && { [params.list]: [...sum.subarray(20, 21 + (sum[31]! % 3))].map((byte) => byte % 8) }),
    },
  };
}

export default defineNode({
  description: "Writes what follows from all that it is given.",
  version: 1,
  params: PARAMS,
  attributes: {
    reads: ({ reads }) => reads,
    writes: ({ writes, list }) => ({
      ...Object.fromEntries(writes.map((name) => [name, "int" as const])),
      ...(list !== "" && { [list]: "int[]" as const }),
    }),
  },
  async cook(item, params, { directory }) {
    if (params.wait > 0) await pause(params.wait * 1000);
    const { files, attributes } = madeOf(item, params, (path) => readFileSync(path, "utf8"));
    const outputs = files.map((file) => {
      if ("pass" in file) return file;
      writeFileSync(join(directory, file.path), file.text);
      return { path: file.path, tag: "file/text", ...(file.parameter !== undefined && { parameter: file.parameter }) };
    });
    return { outputs, ...(attributes !== undefined && { attributes }) };
  },
});
