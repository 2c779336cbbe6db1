/**
 * Cooks a node type in this process, for tests: discover, generate or partition, cook, in a temporary folder. Knows no
 * graph, expressions, cache or workers; a cook that breaks its contract is an error here.
 */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { digestOf } from "../base/hash.js";
import { hasType, type Value } from "../expression/value.js";
import type { CookContext, CookItem, CookResult, InputFile, Json, NodeDefinition } from "../nodetype/define.js";
import type { ParamSchemas } from "../nodetype/params.js";
import { checkResult, madeFiles } from "../worker/outputs.js";
import { chosen } from "../workitem/members.js";
import { completeParams, type GivenParams, type SomeParams } from "./params.js";
import { type Planned, perParams, planItems, type Upstream } from "./plan.js";
import { scratch } from "./scratch.js";

/** What is cooked. */
export interface NodeCase<P = SomeParams> {
  readonly params?: P;
  /** A list is the input `main`. */
  readonly inputs?: readonly Upstream[] | Readonly<Record<string, readonly Upstream[]>>;
  /** `context.seed` of the first item, 1 unless given; that of each one after it is one more. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Where the attempts' folders are made, for the caller to delete; unless given, a new one that goes with the process. */
  readonly directory?: string;
}

/** A file of a cooked item, at its real place. */
export interface CookedOutput extends InputFile {
  readonly parameter?: string;
}

/** A work item after its cook. `attributes`: those of `generate`, then those of `cook`. */
export interface CookedItem {
  readonly identity: Json;
  readonly label: string | undefined;
  /** The declared output that it comes out of; undefined where `generate` names none. */
  readonly output: string | undefined;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly outputs: readonly CookedOutput[];
  readonly partial: boolean;
  readonly log: readonly string[];
  readonly progress: readonly Readonly<Record<string, number | string | undefined>>[];
  readonly metrics: readonly { readonly name: string; readonly value: number; readonly step: number }[];
  readonly images: readonly { readonly name: string; readonly path: string; readonly step: number }[];
}

/** What `cookOnce` answers. */
export interface CookedOnce {
  readonly items: readonly CookedItem[];
  /** Of `discover` and of all items. */
  readonly warnings: readonly string[];
}

/**
 * Cooks the items that a node makes of its inputs: each partition of a partitioner, what `generate` yields for the first
 * upstream item, else one item with all that is given as its members. Rejects as the node type does, and where a
 * parameter or an answer breaks the contract.
 */
export async function cookOnce<S extends ParamSchemas>(
  definition: NodeDefinition<S>,
  node: NodeCase<GivenParams<S>> = {},
): Promise<CookedOnce> {
  // Which parameters there are is the definition's own business.
  const type = definition as unknown as NodeDefinition;
  const params = completeParams(type.params, (node.params ?? {}) as SomeParams);
  const problem = type.check?.(params as never).find(({ severity = "error" }) => severity === "error");
  if (problem) throw new Error(`${problem.param}: ${problem.message}`);
  const directory = node.directory ?? scratch();
  const warnings: string[] = [];
  const inputs = Array.isArray(node.inputs) ? { main: node.inputs } : (node.inputs ?? {});
  const planned = await planItems(type, params, inputs as Readonly<Record<string, readonly Upstream[]>>, warnings);
  const items: CookedItem[] = [];
  for (const [index, item] of planned.entries()) {
    const { signal, seed = 1 } = node;
    const own = { ...(signal && { signal }), seed: seed + index, directory: join(directory, `item_${index}`) };
    items.push(await cookItem(type, params, own, item, warnings));
  }
  return { items, warnings };
}

async function cookItem(
  type: NodeDefinition,
  params: SomeParams,
  { seed, directory, signal = new AbortController().signal }: NodeCase & { seed: number; directory: string },
  planned: Planned,
  warnings: string[],
): Promise<CookedItem> {
  const { identity, label, output, passes, attributes, work, item } = planned;
  const log: string[] = [];
  const progress: CookedItem["progress"][number][] = [];
  const metrics: CookedItem["metrics"][number][] = [];
  const images: CookedItem["images"][number][] = [];
  if (!type.cook || !work) {
    const inherited = Object.values(item.inputs).flatMap((members) =>
      chosen(passes, members).flatMap(({ files }) => files),
    );
    const outputs = item.files.length > 0 ? item.files : inherited;
    return { identity, label, output, attributes, outputs, partial: false, log, progress, metrics, images };
  }
  const context: CookContext = {
    env: {},
    directory: join(directory, "attempt"),
    resume: join(directory, "resume"),
    signal,
    seed,
    threads: 1,
    device: "cpu",
    progress: (figures) => void progress.push(figures),
    metric: (name, value, step) => void metrics.push({ name, value, step }),
    image(name, path, step) {
      if (!existsSync(join(context.directory, path))) throw new Error(`The image "${path}" was not written.`);
      images.push({ name, path: join(context.directory, path), step });
    },
    log: (line) => void log.push(line),
    warn: (line) => void warnings.push(line),
  };
  await mkdir(context.directory, { recursive: true });
  await mkdir(context.resume, { recursive: true });
  const result = checkResult(await type.cook(item, params as never, context));
  if (result.failure !== undefined) throw new Error(result.failure);
  holdWritten(perParams(type.attributes?.writes, params) ?? {}, result);
  const outputs = await outputsOf(context.directory, item, result);
  const all = { ...attributes, ...result.attributes };
  return {
    identity,
    label,
    output,
    attributes: all,
    outputs,
    partial: result.partial ?? false,
    log,
    progress,
    metrics,
    images,
  };
}

type Written = Exclude<NonNullable<NodeDefinition["attributes"]>["writes"], undefined | ((params: never) => unknown)>;

function holdWritten(declared: Written, { attributes = {} }: CookResult): void {
  if (declared === "any") return;
  for (const [name, value] of Object.entries(attributes)) {
    const type = declared[name];
    if (type === undefined) throw new Error(`cook wrote the attribute "${name}", which the node type does not declare`);
    if (!hasType(value, type)) throw new Error(`cook wrote ${JSON.stringify(value)} to "${name}", declared as ${type}`);
  }
}

async function outputsOf(directory: string, item: CookItem, result: CookResult): Promise<readonly CookedOutput[]> {
  const known = [...item.files, ...Object.values(item.inputs).flatMap((members) => members.flatMap((m) => m.files))];
  const made = await madeFiles(directory, item, result.outputs ?? []);
  return made.map((file) => {
    if ("pass" in file) return { ...known.find(({ digest }) => digest === file.pass)!, name: file.name, tag: file.tag };
    const { path, digest, size, tag, parameter } = file;
    return {
      path: join(directory, path),
      name: path,
      digest,
      size,
      tag,
      ...(parameter !== undefined && { parameter }),
    };
  });
}

/**
 * A digest of all that a cook answered: identities, attributes (without those that are `measured`), and the outputs' names,
 * tags and bytes; not logs.
 */
export function digestOfCooked({ items }: CookedOnce, measured: readonly string[] = []): string {
  const told = items.map(({ identity, label, output, attributes: all, outputs, partial }) => {
    const attributes = Object.entries(all).filter(([name]) => !measured.includes(name));
    const files = outputs.map(({ name, tag, digest, parameter }) => [name, tag, digest, parameter ?? null]);
    return [identity, label ?? null, output ?? null, attributes, files, partial];
  });
  return digestOf(JSON.stringify(told));
}
