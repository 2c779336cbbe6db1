/**
 * Turns a ready work item into what decides and what does its work: evaluated parameters, fingerprint, task. Knows items,
 * parameters and digests; not the cache's answer, nor when anything runs.
 */
import { statSync } from "node:fs";
import type { Digest } from "../base/hash.js";
import type { Store } from "../cache/store.js";
import type { Environment } from "../expression/index.js";
import type { Value } from "../expression/value.js";
import { type FileIdentity, type Fingerprint, fingerprint, nodeManifest, outputName } from "../fingerprint/manifest.js";
import type { Graph, GraphNode } from "../graph/graph.js";
import type { CodeReader } from "../nodetype/code.js";
import type { CookItem, InputFile, InputMember, Slots } from "../nodetype/define.js";
import type { ParamSchemas } from "../nodetype/params.js";
import type { JobTask } from "../schedule/scheduler.js";
import type { Member, WorkItem } from "../workitem/item.js";
import type { OutputFile } from "../workitem/output.js";
import { consumedAttribute, environmentOf, itemAttribute } from "./environment.js";
import type { NodeRun } from "./generate.js";

/** An item about to be looked up, and cooked where that fails. */
export interface Prepared {
  readonly run: NodeRun;
  readonly item: WorkItem;
  readonly params: Readonly<Record<string, unknown>>;
  readonly fingerprint: Fingerprint;
  /** Files outside the store that the cook reads: looked at again before its result is believed. */
  readonly outside: readonly OutsideFile[];
}

export interface OutsideFile {
  readonly symbolic: string;
  readonly digest: Digest;
}

/** What an item's preparation ended with. */
export type Preparation =
  | { readonly kind: "prepared"; readonly prepared: Prepared }
  | { readonly kind: "failed"; readonly message: string };

/** What the items of a node share, as far as their parameters do not vary. */
interface Shared {
  readonly params: Readonly<Record<string, unknown>>;
  readonly manifest: string;
  readonly reads: readonly string[];
  readonly outside: readonly OutsideFile[];
}

export class Preparer {
  readonly #graph: Graph;
  readonly #store: Store;
  readonly #code: CodeReader;
  readonly #resolve: (symbolic: string) => string;
  readonly #looked: (path: string, deep: boolean) => void;
  readonly #shared = new Map<NodeRun, Shared>();

  constructor(from: {
    readonly graph: Graph;
    readonly store: Store;
    readonly code: CodeReader;
    readonly resolve: (symbolic: string) => string;
    readonly looked: (path: string, deep: boolean) => void;
  }) {
    this.#graph = from.graph;
    this.#store = from.store;
    this.#code = from.code;
    this.#resolve = from.resolve;
    this.#looked = from.looked;
  }

  /** The digest of all code that a node's type reaches. */
  codeOf(node: GraphNode): Digest {
    return this.#code.codeOf(node.type.module).digest;
  }

  environment(run: NodeRun, item: WorkItem | undefined): Environment {
    return environmentOf(this.#graph, run, item);
  }

  /** Evaluated parameters. Throws an Error with a message for the user. */
  params(run: NodeRun, item: WorkItem | undefined): Readonly<Record<string, unknown>> {
    if (run.node.params.constant !== null) return run.node.params.constant;
    const evaluated = run.node.params.evaluate(this.environment(run, item));
    if (!evaluated.ok) throw new Error(evaluated.problems.join("\n"));
    return evaluated.values;
  }

  /** Parameters and fingerprint of an item whose parents are done. */
  async prepare(run: NodeRun, item: WorkItem): Promise<Preparation> {
    try {
      const shared = await this.#share(run, item);
      const { outside, identities } = this.#inputs(run, item, shared.reads);
      const print = fingerprint(shared.manifest, {
        attributes: read(shared.reads, (name) => itemAttribute(run, item, name)),
        inputs: identities,
        files: item.files,
        seed: run.definition.seeded === true ? item.seed : undefined,
      });
      const prepared = {
        run,
        item,
        params: shared.params,
        fingerprint: print,
        outside: [...shared.outside, ...outside],
      };
      return { kind: "prepared", prepared };
    } catch (error) {
      return { kind: "failed", message: (error as Error).message };
    }
  }

  /** Whether files outside the store are still what they were when they were fingerprinted. */
  async unchanged(outside: readonly OutsideFile[]): Promise<boolean> {
    for (const { symbolic, digest } of outside) {
      try {
        if ((await this.#store.digest(this.#resolve(symbolic))).digest !== digest) return false;
      } catch {
        return false;
      }
    }
    return true;
  }

  /** Looks again at the files that an item and those above it refer to, after one of them changed. */
  async refresh(item: WorkItem): Promise<void> {
    this.#shared.clear();
    const files = [
      ...item.files,
      ...item.parents.flatMap((_, group) => item.members(group).flatMap(({ files }) => files)),
    ];
    for (const file of files) {
      if (file.path === undefined) continue;
      const found = await this.#store.digest(this.#resolve(file.path));
      Object.assign(file, found);
    }
  }

  async #share(run: NodeRun, item: WorkItem): Promise<Shared> {
    const known = this.#shared.get(run);
    if (known !== undefined) return known;
    const params = this.params(run, item);
    const { type } = run.node;
    const code = this.#code.codeOf(type.module);
    const digests = await this.#inputDigests(type.definition.params, params);
    const shared: Shared = {
      params,
      reads: readsOf(run.node, params),
      outside: [...digests].map(([symbolic, digest]) => ({ symbolic, digest })),
      manifest: nodeManifest({
        type: type.name,
        version: type.definition.version,
        code: code.digest,
        packages: code.packages,
        schemas: type.definition.params,
        params,
        inputDigest: (path) => digests.get(path),
        environment: run.node.env,
      }),
    };
    if (run.node.params.constant !== null) this.#shared.set(run, shared);
    return shared;
  }

  /** Digests of the files behind input paths. A folder has none: what is in it comes through discovery. */
  async #inputDigests(schemas: ParamSchemas, params: Readonly<Record<string, unknown>>): Promise<Map<string, Digest>> {
    const digests = new Map<string, Digest>();
    for (const path of pathsOf(schemas, params, "input")) {
      this.#looked(this.#resolve(path), false);
      try {
        digests.set(path, (await this.#store.digest(this.#resolve(path))).digest);
      } catch (error) {
        const found = statSync(this.#resolve(path), { throwIfNoEntry: false });
        if (found?.isDirectory()) continue;
        throw found === undefined ? new Error(`The file ${path} does not exist.`) : error;
      }
    }
    return digests;
  }

  #inputs(run: NodeRun, item: WorkItem, reads: readonly string[]) {
    const identities = new Map<string, { attributes: Record<string, Value>; files: readonly FileIdentity[] }[]>();
    const outside: OutsideFile[] = [];
    const note = (files: readonly OutputFile[]): void => {
      for (const { path, digest } of files) if (path !== undefined) outside.push({ symbolic: path, digest });
    };
    note(item.files);
    let group = 0;
    for (const name of run.node.inputs.keys()) {
      const members = item.members(group++);
      for (const member of members) note(member.files);
      identities.set(
        name,
        members.map((member) => ({
          attributes: read(reads, (attribute) => consumedAttribute(member, attribute)),
          files: member.files,
        })),
      );
    }
    return { outside, identities };
  }

  /** The task that does a prepared item's work. */
  task(prepared: Prepared, granted: { readonly log: string; directory(): string }): Extract<JobTask, { kind: "cook" }> {
    const { run, item, params } = prepared;
    const { type } = run.node;
    const reads = readsOf(run.node, params);
    const inputs: Record<string, InputMember[]> = {};
    let group = 0;
    for (const name of run.node.inputs.keys()) {
      inputs[name] = item.members(group++).map((member) => this.#member(member, reads));
    }
    const cookItem: CookItem = {
      name: item.name,
      label: item.label ?? item.name,
      attributes: read(reads, (name) => itemAttribute(run, item, name)),
      inputs,
      files: item.files.map((file) => this.#file(file)),
    };
    return {
      kind: "cook",
      module: type.module,
      code: this.#code.codeOf(type.module).digest,
      item: cookItem,
      params: this.#located(type.definition.params, params),
      directory: granted.directory,
      resume: this.#store.resume(prepared.fingerprint.digest),
      seed: item.seed,
      log: granted.log,
      env: Object.fromEntries(run.node.env),
    };
  }

  #member(member: Member, reads: readonly string[]): InputMember {
    return {
      name: member.item.name,
      attributes: read(reads, (name) => consumedAttribute(member, name)),
      files: member.files.map((file) => this.#file(file)),
    };
  }

  #file(file: OutputFile): InputFile {
    const path = file.path === undefined ? this.#store.blob(file.digest) : this.#resolve(file.path);
    return { path, name: file.name, tag: file.tag, digest: file.digest, size: file.size };
  }

  /** Parameters as `cook` sees them: input paths absolute, output paths as names alone. */
  #located(schemas: ParamSchemas, params: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const located: Record<string, unknown> = { ...params };
    for (const [name, schema] of Object.entries(schemas)) {
      const value = params[name];
      if (schema.properties !== undefined && typeof value === "object" && value !== null) {
        located[name] = this.#located(schema.properties, value as Record<string, unknown>);
      } else if (schema.path === "input" && typeof value === "string") located[name] = this.#resolve(value);
      else if (schema.path === "output" && typeof value === "string") located[name] = outputName(value);
      else if (schema.items?.path === "input" && Array.isArray(value)) {
        located[name] = value.map((path) => this.#resolve(String(path)));
      }
    }
    return located;
  }
}

/** Values of the `path` parameters of one kind, dotted names as keys where asked for by `outputsOf`. */
export function pathsOf(
  schemas: ParamSchemas,
  params: Readonly<Record<string, unknown>>,
  kind: "input" | "output",
): string[] {
  return [...namedPaths(schemas, params, kind, "")].map(([, path]) => path);
}

/** Dotted name and value of every set `path` parameter of one kind. */
export function* namedPaths(
  schemas: ParamSchemas,
  params: Readonly<Record<string, unknown>>,
  kind: "input" | "output",
  prefix: string,
): Generator<readonly [string, string]> {
  for (const [name, schema] of Object.entries(schemas)) {
    const value = params[name];
    if (value === undefined || value === null) continue;
    if (schema.properties !== undefined && typeof value === "object") {
      yield* namedPaths(schema.properties, value as Record<string, unknown>, kind, `${prefix}${name}.`);
    } else if (schema.path === kind && typeof value === "string") yield [`${prefix}${name}`, value];
    else if (schema.items?.path === kind && Array.isArray(value)) {
      for (const path of value) yield [`${prefix}${name}`, String(path)];
    }
  }
}

/** The slots that an item holds while it cooks. */
export function slotsOf(
  node: GraphNode,
  params: Readonly<Record<string, unknown>>,
): { cpu: number | "all"; gpu: number } {
  const declared = node.type.definition.slots;
  const slots: Slots =
    node.slots ??
    (typeof declared === "function" ? (declared as (p: unknown) => Slots)(params) : (declared ?? { cpu: 1 }));
  return { cpu: slots.cpu ?? (slots.gpu === undefined ? 1 : 0), gpu: slots.gpu ?? 0 };
}

function readsOf(node: GraphNode, params: Readonly<Record<string, unknown>>): readonly string[] {
  const reads = node.type.definition.attributes?.reads ?? [];
  const names = typeof reads === "function" ? (reads as (p: unknown) => readonly string[])(params) : reads;
  return [...new Set(names)].sort();
}

function read(names: readonly string[], lookup: (name: string) => Value | undefined): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const name of names) {
    const value = lookup(name);
    if (value !== undefined) values[name] = value;
  }
  return values;
}
