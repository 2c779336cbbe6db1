/**
 * Turns a ready work item into what decides its work: evaluated parameters and fingerprint. Knows items,
 * parameters and digests; not the cache's answer, nor when anything runs.
 */
import { problemIn, UserError } from "../base/error.js";
import { type Digest, digestOf } from "../base/hash.js";
import type { Value } from "../expression/value.js";
import { type Fingerprint, fingerprint } from "../fingerprint/manifest.js";
import type { NodeRun } from "../generate/run.js";
import type { WorkItem } from "../workitem/item.js";
import type { OutputFile } from "../workitem/output.js";
import { environmentOf, itemAttribute } from "./environment.js";
import { filesWithoutValue, keyed } from "./filevalues.js";
import { type Inputs, inputsOf, type OutsideFile } from "./inputs.js";
import type { NamedPath } from "./paths.js";
import { read, variablesFor } from "./reads.js";
import { type SharedFields, type SharedFieldsDeps, shareOf } from "./shared.js";

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

const NO_ATTRIBUTES = {};

/** What an item's preparation ended with. */
export type Preparation =
  | { readonly kind: "prepared"; readonly prepared: Prepared }
  | { readonly kind: "failed"; readonly message: string };

export class Preparer {
  readonly #deps: SharedFieldsDeps;
  readonly #shared = new Map<NodeRun, SharedFields>();

  constructor(deps: SharedFieldsDeps) {
    this.#deps = deps;
  }

  /** Evaluated parameters. Throws an Error with a message for the user. */
  params(
    run: NodeRun,
    item: WorkItem | undefined,
    given?: Readonly<Record<string, number>>,
  ): Readonly<Record<string, unknown>> {
    if (run.node.params.constant !== null) return run.node.params.constant;
    const evaluated = run.node.params.evaluate(environmentOf(run, item), given);
    if (!evaluated.ok) throw new UserError(evaluated.problems.join("\n"));
    return evaluated.values;
  }

  /** The first lines of the manifests of a run's items; undefined where they differ, or there is no work. Rejects as `shareOf` does. */
  async manifest(run: NodeRun): Promise<string | undefined> {
    if (run.node.params.constant === null || !run.hasWork) return undefined;
    return (await this.#share(run, undefined)).manifest;
  }

  /** Parameters and fingerprint of an item whose parents are done: at once where nothing has to be waited for. */
  prepare(run: NodeRun, item: WorkItem): Preparation | Promise<Preparation> {
    const shared = this.#shared.get(run);
    if (shared === undefined || shared.reads.length > 0) return this.#prepareReading(run, item);
    // Most cooks read no attributes, and there are many items.
    try {
      return this.#prepared(run, item, shared, inputsOf(run, item, shared.reads), NO_ATTRIBUTES);
    } catch (error) {
      return { kind: "failed", message: problemIn(error) };
    }
  }

  async #prepareReading(run: NodeRun, item: WorkItem): Promise<Preparation> {
    try {
      const shared = await this.#share(run, item);
      const own = read(shared.reads, (name) => itemAttribute(item, name));
      const inputs = inputsOf(run, item, shared.reads);
      const outside = [...inputs.outside];
      const attributes = await this.#keyed(own, [...inputs.identities.values()].flat(), outside);
      return this.#prepared(run, item, shared, { identities: inputs.identities, outside }, attributes);
    } catch (error) {
      return { kind: "failed", message: problemIn(error) };
    }
  }

  #prepared(
    run: NodeRun,
    item: WorkItem,
    shared: SharedFields,
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
    return digestOf(outside.map(({ path }) => this.#stampOf(this.#deps.resolve(path))).join("\n"));
  }

  #stampOf(path: string): string {
    try {
      return this.#deps.files.stat(path)?.stamp ?? "absent";
    } catch (error) {
      problemIn(error);
      return "out of sight";
    }
  }

  /**
   * Whether files outside the store are what they were when they were fingerprinted, and were all the while since they had
   * these stamps: one that is again what it was may have been read as something else.
   */
  async unchanged(outside: readonly OutsideFile[], stamps: Digest): Promise<boolean> {
    if (this.stampsOf(outside) !== stamps) return false;
    const { store, resolve } = this.#deps;
    for (const { path, digest } of outside) {
      try {
        if ((await store.files.digest(resolve(path))).digest !== digest) return false;
      } catch (error) {
        problemIn(error);
        return false;
      }
    }
    return true;
  }

  /** Looks again at the files that an item and those above it refer to, after one of them changed. */
  async refresh(item: WorkItem): Promise<void> {
    this.#shared.clear();
    const members = item.parents.flatMap((_, group) => item.members(group).map((member) => member.item));
    for (const each of new Set([item, ...members])) {
      each.files = await this.#again(each.files);
      each.hold(await this.#again(each.outputs));
    }
  }

  async #again(files: readonly OutputFile[]): Promise<readonly OutputFile[]> {
    const { store, resolve } = this.#deps;
    const look = async (file: OutputFile): Promise<OutputFile> => {
      if (file.path === undefined) return file;
      const { digest, size } = await store.files.digest(resolve(file.path));
      return { ...file, digest, size };
    };
    return Promise.all(files.map(look));
  }

  async #share(run: NodeRun, item: WorkItem | undefined): Promise<SharedFields> {
    const known = this.#shared.get(run);
    if (known !== undefined) return known;
    const shared = await shareOf(run, this.params(run, item), this.#deps);
    if (run.node.params.constant !== null) this.#shared.set(run, shared);
    return shared;
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
    for (const path of values.flatMap(filesWithoutValue)) {
      if (digests.has(path)) continue;
      const { store, resolve, looked } = this.#deps;
      await looked(resolve(path));
      const { digest } = await store.files.digest(resolve(path));
      digests.set(path, digest);
      outside.push({ path, digest });
    }
    return digests;
  }
}
