/**
 * Turns a ready work item into what decides its work: evaluated parameters and fingerprint. Knows items,
 * parameters and digests; not the cache's answer, nor when anything runs.
 */
import type { Files } from "../base/files.js";
import { type Digest, digestOf } from "../base/hash.js";
import type { Store } from "../cache/store.js";
import type { Environment } from "../expression/index.js";
import type { Value } from "../expression/value.js";
import { type FileIdentity, type Fingerprint, fingerprint, nodeManifest } from "../fingerprint/manifest.js";
import type { Codes } from "../nodetype/code.js";
import type { ParamSchemas } from "../nodetype/params.js";
import type { WorkItem } from "../workitem/item.js";
import type { OutputFile } from "../workitem/output.js";
import { consumedAttribute, environmentOf, itemAttribute } from "./environment.js";
import { keyed, unknownFiles } from "./filevalues.js";
import type { Looked } from "./listing.js";
import { type NamedPath, namedPaths, pathsOf } from "./paths.js";
import { read, readsOf, variablesFor } from "./reads.js";
import type { NodeRun } from "./run.js";

/** An item about to be looked up, and cooked where that fails. */
export interface Prepared {
  readonly run: NodeRun;
  readonly item: WorkItem;
  readonly params: Readonly<Record<string, unknown>>;
  readonly fingerprint: Fingerprint;
  /** Dotted names and values of its parameters that say where outputs are put. */
  readonly outputs: readonly NamedPath[];
  /** Files outside the store that the cook reads: looked at again before its result is believed. */
  readonly outside: readonly OutsideFile[];
}

export interface OutsideFile {
  readonly symbolic: string;
  readonly digest: Digest;
}

/** What an item is made from: by input, and of it the files that lie outside the store. */
interface Inputs {
  readonly identities: Map<string, { attributes: Record<string, Value>; files: readonly FileIdentity[] }[]>;
  readonly outside: OutsideFile[];
}

const NO_ATTRIBUTES = {};

/** What an item's preparation ended with. */
export type Preparation =
  | { readonly kind: "prepared"; readonly prepared: Prepared }
  | { readonly kind: "failed"; readonly message: string };

/** What the items of a node share, as far as their parameters do not vary. */
interface Shared {
  readonly params: Readonly<Record<string, unknown>>;
  readonly manifest: string;
  readonly reads: readonly string[];
  readonly outputs: readonly NamedPath[];
  readonly outside: readonly OutsideFile[];
}

export class Preparer {
  readonly #store: Store;
  readonly #files: Files;
  readonly #code: Codes;
  readonly #resolve: (symbolic: string) => string;
  readonly #looked: Looked;
  readonly #shared = new Map<NodeRun, Shared>();

  constructor(from: {
    readonly store: Store;
    readonly files: Files;
    readonly code: Codes;
    readonly resolve: (symbolic: string) => string;
    readonly looked: Looked;
  }) {
    this.#store = from.store;
    this.#files = from.files;
    this.#code = from.code;
    this.#resolve = from.resolve;
    this.#looked = from.looked;
  }

  environment(run: NodeRun, item: WorkItem | undefined): Environment {
    return environmentOf(run, item);
  }

  /** Evaluated parameters. Throws an Error with a message for the user. */
  params(
    run: NodeRun,
    item: WorkItem | undefined,
    given?: Readonly<Record<string, number>>,
  ): Readonly<Record<string, unknown>> {
    if (run.node.params.constant !== null) return run.node.params.constant;
    const evaluated = run.node.params.evaluate(this.environment(run, item), given);
    if (!evaluated.ok) throw new Error(evaluated.problems.join("\n"));
    return evaluated.values;
  }

  /** Parameters and fingerprint of an item whose parents are done: at once where nothing has to be waited for. */
  prepare(run: NodeRun, item: WorkItem): Preparation | Promise<Preparation> {
    const shared = this.#shared.get(run);
    if (shared === undefined || shared.reads.length > 0) return this.#prepareReading(run, item);
    // Most cooks read no attributes, and there are many items.
    try {
      return this.#prepared(run, item, shared, this.#inputs(run, item, shared.reads), NO_ATTRIBUTES);
    } catch (error) {
      return { kind: "failed", message: (error as Error).message };
    }
  }

  async #prepareReading(run: NodeRun, item: WorkItem): Promise<Preparation> {
    try {
      const shared = await this.#share(run, item);
      const own = read(shared.reads, (name) => itemAttribute(item, name));
      const inputs = this.#inputs(run, item, shared.reads);
      const attributes = await this.#keyed(own, [...inputs.identities.values()].flat(), inputs.outside);
      return this.#prepared(run, item, shared, inputs, attributes);
    } catch (error) {
      return { kind: "failed", message: (error as Error).message };
    }
  }

  #prepared(
    run: NodeRun,
    item: WorkItem,
    shared: Shared,
    { outside, identities }: Inputs,
    attributes: Readonly<Record<string, Value>>,
  ): Preparation {
    const { params, outputs } = shared;
    const print = fingerprint(shared.manifest, {
      attributes,
      variables: variablesFor(run.node, params, (name) => itemAttribute(item, name)),
      inputs: identities,
      files: item.files,
      seed: run.definition.seeded === true ? item.seed : undefined,
    });
    const all = shared.outside.length === 0 ? outside : [...shared.outside, ...outside];
    return { kind: "prepared", prepared: { run, item, params, outputs, fingerprint: print, outside: all } };
  }

  /** Tells whether files outside the store were written: asked when work begins, and when it has ended. */
  stampsOf(outside: readonly OutsideFile[]): Digest {
    return digestOf(outside.map(({ symbolic }) => this.#stampOf(this.#resolve(symbolic))).join("\n"));
  }

  #stampOf(path: string): string {
    try {
      return this.#files.stat(path)?.stamp ?? "absent";
    } catch {
      return "out of sight";
    }
  }

  /**
   * Whether files outside the store are what they were when they were fingerprinted, and were all the while since they had
   * these stamps: one that is again what it was may have been read as something else.
   */
  async unchanged(outside: readonly OutsideFile[], stamps: Digest): Promise<boolean> {
    if (this.stampsOf(outside) !== stamps) return false;
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
      outputs: [...namedPaths(type.definition.params, params, "output", "")],
      outside: [...digests].map(([symbolic, digest]) => ({ symbolic, digest })),
      manifest: nodeManifest({
        type: type.name,
        version: type.definition.version,
        code: code.digest,
        packages: code.packages,
        schemas: type.definition.params,
        params,
        inputDigest: (path) => digests.get(path),
      }),
    };
    if (run.node.params.constant !== null) this.#shared.set(run, shared);
    return shared;
  }

  /** Digests of the files behind input paths. A folder has none: what is in it comes through discovery. */
  async #inputDigests(schemas: ParamSchemas, params: Readonly<Record<string, unknown>>): Promise<Map<string, Digest>> {
    const digests = new Map<string, Digest>();
    for (const path of pathsOf(schemas, params, "input")) {
      await this.#looked(this.#resolve(path));
      try {
        digests.set(path, (await this.#store.digest(this.#resolve(path))).digest);
      } catch (error) {
        const found = this.#files.stat(this.#resolve(path));
        if (found?.kind === "directory") continue;
        throw found === undefined ? new Error(`The file ${path} does not exist.`) : error;
      }
    }
    return digests;
  }

  /** An item's own attributes, and in place those of its inputs' members, as they decide its cook. */
  async #keyed(
    own: Record<string, Value>,
    members: readonly { attributes: Record<string, Value> }[],
    outside: OutsideFile[],
  ): Promise<Record<string, Value>> {
    const digests = await this.#digests([own, ...members.map(({ attributes }) => attributes)], outside);
    for (const member of members) member.attributes = keyed(member.attributes, digests);
    return keyed(own, digests);
  }

  /** Digests of the files among attributes that are not known by their content; they are noted as read from outside. */
  async #digests(values: readonly Record<string, Value>[], outside: OutsideFile[]): Promise<Map<string, Digest>> {
    const digests = new Map<string, Digest>();
    for (const path of values.flatMap(unknownFiles)) {
      if (digests.has(path)) continue;
      await this.#looked(this.#resolve(path));
      const { digest } = await this.#store.digest(this.#resolve(path));
      digests.set(path, digest);
      outside.push({ symbolic: path, digest });
    }
    return digests;
  }

  #inputs(run: NodeRun, item: WorkItem, reads: readonly string[]): Inputs {
    const identities: Inputs["identities"] = new Map();
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
}
