/** The task that does a prepared item's work: what its worker is told. Knows where files lie on this machine; decides nothing. */
import { callNode } from "../base/error.js";
import type { Attempt, Demand } from "../executor/attempt.js";
import { meansOf } from "../executor/machine.js";
import { outputName } from "../fingerprint/manifest.js";
import type { GraphNode } from "../graph/graph.js";
import type { Codes } from "../nodetype/code.js";
import type { CookItem, InputFile, InputMember, Slots } from "../nodetype/define.js";
import type { ParamSchemas } from "../nodetype/params.js";
import { consumedAttribute, itemAttribute } from "../prepare/environment.js";
import { placed } from "../prepare/filevalues.js";
import type { Prepared } from "../prepare/prepare.js";
import { read, readsOf, variablesFor } from "../prepare/reads.js";
import type { Store } from "../store/store.js";
import type { CookTask } from "../worker/protocol.js";
import type { Member } from "../workitem/item.js";
import type { OutputFile } from "../workitem/output.js";

/** What a task needs beside the item. */
export interface TaskDeps {
  readonly store: Store;
  readonly code: Codes;
  readonly resolve: (symbolic: string) => string;
}

const NO_FILES: readonly InputFile[] = [];

/** What is asked of the scheduler for an item. Throws a NodeError where its node type cannot say which slots it takes. */
export function demandOf({ run: { node }, item, params }: Prepared): Demand {
  const { order, priority } = item;
  const slots = slotsOf(node, params);
  return { module: node.type.module, order, priority, slots, timeout: node.timeout, batch: node.batchSize };
}

/** The task of an attempt that has its slots. `paths`: where its log goes, and where it writes its files. */
export function taskOf(
  { of: prepared, grant }: Pick<Attempt<Prepared>, "of" | "grant">,
  paths: Pick<CookTask, "log" | "directory">,
  deps: TaskDeps,
): CookTask {
  const { run, item, params } = prepared;
  const { type } = run.node;
  const reads = readsOf(run.node, params);
  const inputs: Record<string, InputMember[]> = {};
  let group = 0;
  for (const name of run.node.inputs.keys()) {
    inputs[name] = item.members(group++).map((member) => memberOf(member, reads, deps));
  }
  const cookItem: CookItem = {
    name: item.name,
    label: item.label ?? item.name,
    attributes: placed(
      read(reads, (name) => itemAttribute(item, name)),
      deps.resolve,
    ),
    inputs,
    files: locatedAll(item.files, deps),
  };
  return {
    kind: "cook",
    module: type.module,
    code: deps.code.filesOf(type.module).digest,
    item: cookItem,
    params: locatedParams(type.definition.params, params, deps.resolve),
    directory: paths.directory,
    resume: deps.store.workspace.resume(prepared.fingerprint.digest),
    seed: item.seed,
    ...meansOf(grant!),
    memory: (run.node.memoryLimit ?? 0) * 2 ** 20,
    log: paths.log,
    env: variablesFor(run.node, params, (name) => itemAttribute(item, name)),
  };
}

function memberOf(member: Member, reads: readonly string[], deps: TaskDeps): InputMember {
  return {
    name: member.item.name,
    attributes: placed(
      read(reads, (name) => consumedAttribute(member, name)),
      deps.resolve,
    ),
    files: locatedAll(member.files, deps),
  };
}

function locatedAll(files: readonly OutputFile[], deps: TaskDeps): readonly InputFile[] {
  return files.length === 0 ? NO_FILES : files.map((file) => located(file, deps));
}

function located(file: OutputFile, { store, resolve }: TaskDeps): InputFile {
  const path = file.path === undefined ? store.blobs.path(file.digest) : resolve(file.path);
  return { path, name: file.name, tag: file.tag, digest: file.digest, size: file.size };
}

/** Parameters as `cook` sees them: input paths absolute, output paths as names alone; the same object where there are none. */
function locatedParams(
  schemas: ParamSchemas,
  params: Readonly<Record<string, unknown>>,
  resolve: TaskDeps["resolve"],
): Readonly<Record<string, unknown>> {
  const changed: Record<string, unknown> = {};
  for (const name in schemas) {
    const schema = schemas[name] as ParamSchemas[string];
    const value = params[name];
    if (schema.properties !== undefined && typeof value === "object" && value !== null) {
      const inner = locatedParams(schema.properties, value as Record<string, unknown>, resolve);
      if (inner !== value) changed[name] = inner;
    } else if (schema.path === "input" && typeof value === "string") changed[name] = resolve(value);
    else if (schema.path === "output" && typeof value === "string") changed[name] = outputName(value);
    else if (schema.items?.path === "input" && Array.isArray(value)) {
      changed[name] = value.map((path) => resolve(String(path)));
    }
  }
  return Object.keys(changed).length === 0 ? params : { ...params, ...changed };
}

/** The slots that an item holds while it cooks. */
export function slotsOf(
  node: GraphNode,
  params: Readonly<Record<string, unknown>>,
): { cpu: number | "all"; gpu: number } {
  const declared = node.type.definition.slots;
  const slots: Slots =
    node.slots ??
    (typeof declared === "function"
      ? callNode(() => (declared as (p: unknown) => Slots)(params))
      : (declared ?? { cpu: 1 }));
  return { cpu: slots.cpu ?? (slots.gpu === undefined ? 1 : 0), gpu: slots.gpu ?? 0 };
}
