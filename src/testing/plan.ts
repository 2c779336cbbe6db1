/** The items that a node type makes of a test's inputs, before their cook. Knows no attributes beyond those given. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { digestOfFile } from "../base/hash.js";
import type { Value } from "../expression/value.js";
import type {
  CookItem,
  GenerateContext,
  GeneratedItem,
  InputFile,
  InputMember,
  Json,
  NodeDefinition,
  UpstreamFile,
  UpstreamItem,
} from "../nodetype/define.js";
import { upstreamParam } from "../nodetype/schema.js";
import type { WorkItem } from "../workitem/item.js";
import { discoverContext } from "./discover-context.js";
import type { SomeParams } from "./params.js";

/** An upstream item as a test gives it. */
export interface Upstream {
  /** `item_0`, `item_1` … unless given. */
  readonly name?: string;
  readonly attributes?: Readonly<Record<string, Value>>;
  /** `name`: the base name of `path` unless given. */
  readonly files?: readonly { readonly path: string; readonly tag: string; readonly name?: string }[];
}

/** An item before its cook. `attributes`: those that it was generated with. */
export interface Planned {
  readonly identity: Json;
  readonly label: string | undefined;
  /** The declared output that it comes out of, where `generate` says so. */
  readonly output: string | undefined;
  /** Which of its members' files a partition offers. */
  readonly passes: WorkItem["passes"];
  readonly attributes: Readonly<Record<string, Value>>;
  /** Whether there is anything to be cooked for it. */
  readonly work: boolean;
  readonly item: CookItem;
}

type Members = Readonly<Record<string, readonly InputMember[]>>;

/** Discovers and generates. Rejects where an input is not declared, and as the node type does. */
export async function planItems(
  type: NodeDefinition,
  params: SomeParams,
  inputs: Readonly<Record<string, readonly Upstream[]>>,
  warnings: string[],
): Promise<readonly Planned[]> {
  const names = Object.keys(type.inputs ?? { main: {} });
  const unknown = Object.keys(inputs).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`no input is named "${unknown}"`);
  const reads = perParams(type.attributes?.reads, params) ?? [];
  const members: Record<string, readonly InputMember[]> = {};
  for (const name of names) members[name] = await Promise.all((inputs[name] ?? []).map(memberOf(reads)));
  const given = names.flatMap((name) => inputs[name] ?? []);
  const upstream = given.map(upstreamOf);
  const itemOf = plannedOf(reads, given[0]?.attributes ?? {});
  const around = surroundingsOf(names, inputs, upstream, params);
  const flat = names.flatMap((name) => members[name] ?? []);
  const those = (chosen: readonly UpstreamItem[]): Members => ({
    main: chosen.map((one) => flat[upstream.indexOf(one)]!),
  });
  if (type.partition) {
    return [...type.partition(upstream, params as never, around)].map((made) => {
      const attributes = { ...made.attributes, partitionsize: made.members.length };
      return itemOf({ ...made, attributes }, those(made.members));
    });
  }
  // As `offered` does below: a file is known by its path.
  const offered = (given[0]?.files ?? []).map((file) => inputFile(file).then((one) => ({ ...one, digest: one.path })));
  const upstreamFiles = upstreamParam(type.params, params) === undefined ? undefined : await Promise.all(offered);
  const found =
    (await type.discover?.(params as never, discoverContext(process.cwd(), warnings, upstreamFiles))) ?? null;
  if (!type.generate) return [itemOf({ identity: null }, members)];
  if (perParams(type.together, params) !== true) {
    const generate = (files: Json): readonly GeneratedItem[] => [
      ...type.generate!(upstream.slice(0, 1), params as never, files, around),
    ];
    const all = generate(found);
    if (type.perFile === true && Array.isArray(found)) requirePerFile(all, found, generate);
    return all.map((made) => itemOf(made, members));
  }
  return [...type.generate(upstream, params as never, found, around)].map((made) =>
    itemOf(made, those(made.upstream ?? [])),
  );
}

/** Throws where an item follows from more than its file, or there is not one for each. */
function requirePerFile(
  all: readonly GeneratedItem[],
  files: readonly Json[],
  generate: (files: Json) => readonly GeneratedItem[],
): void {
  for (const [place, file] of files.entries()) {
    const alone = generate([file]);
    if (alone.length === 1 && all.length === files.length && isDeepStrictEqual(alone[0], all[place])) continue;
    throw new Error(`perFile is declared, but of file ${place} alone generate makes ${JSON.stringify(alone)}`);
  }
}

/** Every input has one source here, and parameters do not vary by item. */
function surroundingsOf(
  names: readonly string[],
  inputs: Readonly<Record<string, readonly Upstream[]>>,
  upstream: readonly UpstreamItem[],
  params: SomeParams,
): GenerateContext<never> {
  let start = 0;
  const sources = names.map((name) => {
    const items = upstream.slice(start, start + (inputs[name]?.length ?? 0));
    start += items.length;
    return [name, [{ node: name, items }]] as const;
  });
  return { inputs: Object.fromEntries(sources), paramsOf: () => params as never };
}

/** A declaration that may depend on the parameters. */
export function perParams<T>(declared: T | ((params: never) => T) | undefined, params: SomeParams): T | undefined {
  return typeof declared === "function" ? (declared as (params: never) => T)(params as never) : declared;
}

function upstreamOf({ name, attributes = {}, files = [] }: Upstream, index: number): UpstreamItem {
  return {
    name: name ?? `item_${index}`,
    index,
    state: "cooked_success",
    key: `key_${index}`,
    seed: index,
    grouped: () => [],
    attribute: (key) => attributes[key],
    attributeNames: () => new Set(Object.keys(attributes)),
    offered: () => files.map((file) => ({ name: basename(file.path), tag: file.tag, digest: file.path, size: 0 })),
  };
}

function memberOf(reads: readonly string[]): (upstream: Upstream, index: number) => Promise<InputMember> {
  return async ({ name, attributes = {}, files = [] }, index) => ({
    name: name ?? `item_${index}`,
    attributes: pick(attributes, reads),
    files: await Promise.all(files.map(inputFile)),
  });
}

async function inputFile(file: { path: string; tag: string; name?: string }): Promise<InputFile> {
  const { size } = await stat(file.path);
  return { ...file, name: file.name ?? basename(file.path), digest: await digestOfFile(file.path), size };
}

interface Made {
  readonly identity: Json;
  readonly work?: boolean;
  readonly label?: string;
  readonly output?: string;
  readonly outputs?: WorkItem["passes"];
  readonly attributes?: Readonly<Record<string, Value>>;
  readonly files?: readonly (UpstreamFile & { readonly path?: string })[];
}

function plannedOf(reads: readonly string[], inherited: Readonly<Record<string, Value>>) {
  return (made: Made, inputs: Members): Planned => {
    const { identity, label, output, outputs: passes = "all", attributes = {}, files = [], work = true } = made;
    const seen = pick({ ...inherited, ...attributes }, reads);
    // A file that is passed through is known by its path here: see `offered` above.
    const located = files.map((file) => ({ ...file, path: file.path ?? file.digest }));
    const item = { name: "item", label: label ?? "item", attributes: seen, inputs, files: located };
    return { identity, label, output, passes, attributes, work, item };
  };
}

function pick(attributes: Readonly<Record<string, Value>>, names: readonly string[]): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => names.includes(name)));
}
