/** The tests that every node type passes. Knows no test runner: it is given the function that registers a test. */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { CodeReader } from "../nodetype/code.js";
import type { NodeDefinition } from "../nodetype/define.js";
import { migrated } from "../nodetype/migrate.js";
import type { ParamSchemas } from "../nodetype/params.js";
import type { CookedOnce, NodeCase } from "./cook-once.js";
import { cookAway, cookTwice, digestAway } from "./cook-twice.js";
import { staticPackages } from "./imports.js";
import { completeParams, leavesOf, mergeParams, type SomeParams } from "./params.js";

/** A parameter's two values. Both are laid over the parameters of the base case. */
export interface ParamChange {
  /** What the base case lacks so that the parameter matters. */
  readonly from?: SomeParams;
  readonly to: SomeParams;
  /** The other value is refused: that is its effect. */
  readonly refused?: true;
  /** Replaces the base case's inputs. */
  readonly inputs?: NodeCase["inputs"];
}

/** What a node type's test gives. */
export interface NodeTypeTest {
  /** URL of the module that exports the node type by default: `new URL("./blur.ts", import.meta.url)`. */
  readonly module: string | URL;
  /** A case that cooks; made when a test runs. */
  base(): NodeCase | Promise<NodeCase>;
  /** A case whose items have work that hears a stop; the base, unless given. */
  stops?(): NodeCase | Promise<NodeCase>;
  /** By dotted name, for every parameter: a change that shows in the outputs (or, marked `effect: false`, must not). */
  changes(): Readonly<Record<string, ParamChange>> | Promise<Readonly<Record<string, ParamChange>>>;
  /**
   * By version, from 1 to the present one: parameters as graphs hold them that were saved with it, all that there were. What is
   * renamed without a migration fails here.
   */
  readonly saved?: Readonly<Record<number, SomeParams>>;
}

/** Packages that only a cook may load. */
const GPU_PACKAGES = /^(onnxruntime-node|onnxruntime-web|@tensorflow\/.*)$/;

type Register = (name: string, run: () => Promise<void>) => unknown;

/**
 * Registers the tests: the node type is described, its defaults are valid, an unknown parameter is refused, every
 * parameter does what it declares, items are generated twice the same, a stop is heard, no GPU package loads with it.
 */
export function testNodeType<S extends ParamSchemas>(
  register: Register,
  definition: NodeDefinition<S>,
  given: NodeTypeTest,
): void {
  const type = definition as unknown as NodeDefinition;
  const module = String(given.module);
  const name = basename(fileURLToPath(module)).replace(/\.[^.]*$/, "");
  const caseOf = async (change: SomeParams, inputs?: NodeCase["inputs"]): Promise<NodeCase> => {
    const base = await given.base();
    return { ...base, params: mergeParams(base.params ?? {}, change), ...(inputs && { inputs }) };
  };
  // Most parameters change the same case: it is cooked once for all of them.
  const digests = new Map<string, Promise<string>>();
  const digestOf = async (...change: Parameters<typeof caseOf>) => {
    const node = await caseOf(...change);
    const key = JSON.stringify(node);
    const digest = digests.get(key) ?? digestAway(type, node);
    digests.set(key, digest);
    return digest;
  };
  register(`${name}: everything is described`, async () => holdDescribed(type));
  register(`${name}: the defaults are valid`, async () => holdDefaults(type));
  register(`${name}: an unknown parameter is refused`, async () => {
    const refused = await cookAway(type, await caseOf({ no_such_parameter: 1 })).then(
      () => "nothing",
      (error: Error) => error.message,
    );
    if (refused !== "no_such_parameter is unknown") throw new Error(`refused with: ${refused}`);
  });
  register(`${name}: the test changes every parameter`, async () => {
    const changed = Object.keys(await given.changes()).sort();
    const declared = leavesOf(type.params)
      .map(([leaf]) => leaf)
      .sort();
    if (changed.join() !== declared.join()) throw new Error(`changed are [${changed}], declared are [${declared}]`);
  });
  for (const [leaf, schema] of leavesOf(type.params)) {
    // What decides the items shows in the outputs of all of them together.
    const effect = schema.effect !== false;
    register(`${name}: ${leaf} ${effect ? "changes the result" : "changes nothing"}`, async () =>
      holdEffect(leaf, effect, (await given.changes())[leaf], digestOf),
    );
  }
  register(`${name}: the same case gives the same items and bytes, every identity once`, async () => {
    holdDistinct(await cookTwice(type, await given.base()));
  });
  if (type.cook)
    register(`${name}: a stop is heard`, async () => holdStops(type, await (given.stops?.() ?? given.base())));
  register(`${name}: it loads no GPU package by itself`, async () => {
    const loaded = staticPackages(module).filter((found) => GPU_PACKAGES.test(found));
    if (loaded.length > 0) throw new Error(`it imports ${loaded.join(", ")} statically`);
  });
  register(`${name}: all of its code can be followed`, async () => {
    const [opaque] = new CodeReader().filesOf(module).opaque;
    if (opaque !== undefined) throw new Error(`an import's target is no literal, at ${opaque}`);
  });
  const { saved } = given;
  if (saved !== undefined)
    register(`${name}: graphs saved with any version are read`, async () => holdSaved(type, saved));
}

async function holdSaved(type: NodeDefinition, saved: Readonly<Record<number, SomeParams>>): Promise<void> {
  for (let version = 1; version <= type.version; version++) {
    const params = saved[version];
    if (params === undefined) throw new Error(`the test has no parameters that version ${version} saved`);
    const present = migrated(type, params, version);
    const lost = Object.keys(present).find((param) => !Object.hasOwn(type.params, param));
    if (lost !== undefined) {
      const steps = `raise version to ${version + 1} and give migrate: { ${version}: (params) => … }`;
      throw new Error(`graphs that version ${version} saved hold "${lost}", which the node no longer has: ${steps}`);
    }
    await completeParams(type.params, present);
    const unsaved = Object.keys(type.params).find((param) => version === type.version && !Object.hasOwn(params, param));
    if (unsaved !== undefined) throw new Error(`what version ${version} saved lacks "${unsaved}" in the test`);
  }
}

async function holdEffect(
  leaf: string,
  effect: boolean,
  change: ParamChange | undefined,
  cooked: (change: SomeParams, inputs?: NodeCase["inputs"]) => Promise<string>,
): Promise<void> {
  if (!change) throw new Error(`the test gives no change of "${leaf}"`);
  const { from = {}, to, refused, inputs } = change;
  const before = await cooked(from, inputs);
  const changed = cooked(mergeParams(from, to), inputs);
  const after = await (refused ? changed.catch(() => "refused") : changed);
  if ((before !== after) !== effect) throw new Error(`the result ${effect ? "stayed the same" : "changed"}`);
}

function holdDescribed(type: NodeDefinition): void {
  const described = [
    ["the node type", type.description] as const,
    ...leavesOf(type.params).map(([leaf, { description }]) => [`the parameter "${leaf}"`, description] as const),
    ...Object.entries(type.inputs ?? {}).map(
      ([input, { description }]) => [`the input "${input}"`, description] as const,
    ),
  ];
  const bare = described.find(([, description]) => !/^[A-Z0-9`].*\.$/s.test(description));
  if (bare) throw new Error(`${bare[0]} is not described by a sentence: "${bare[1]}"`);
  if (!(Number.isInteger(type.version) && type.version >= 1)) throw new Error(`version ${type.version}`);
}

/** Each default by itself, since other parameters may have to be given. */
async function holdDefaults(type: NodeDefinition): Promise<void> {
  for (const [name, schema] of Object.entries(type.params)) {
    const { required: _, ...optional } = schema;
    const alone = schema.type === "object" ? schema : optional;
    if (schema.default !== undefined || schema.type === "object") completeParams({ [name]: alone }, {});
  }
}

function holdDistinct({ items }: CookedOnce): void {
  const identities = items.map(({ identity }) => JSON.stringify(identity));
  const repeated = identities.find((identity, index) => identities.indexOf(identity) !== index);
  if (repeated !== undefined) throw new Error(`two items have the identity ${repeated}`);
}

async function holdStops(type: NodeDefinition, base: NodeCase): Promise<void> {
  const ended = await cookAway(type, { ...base, signal: AbortSignal.abort() }).then(
    ({ items }) => (items.every(({ partial }) => partial) ? "stopped" : "went on"),
    (error: Error) => (error.name === "AbortError" ? "stopped" : error.message),
  );
  if (ended !== "stopped") throw new Error(`told to stop, the cook ${ended}`);
}
