/**
 * Which statements of which modules a function of a node type reaches: what it mentions, and what that mentions, across
 * imports; and what acts when those modules are loaded. Knows modules as units, not where their text comes from.
 */
import { type Digest, digestOf } from "../base/hash.js";
import type { Foreign, Unit, Units } from "./units.js";

/** A module as reach finds it. */
export interface ReachedModule {
  /** Undefined for a file that is not JavaScript, or none that can be taken apart: it counts as a whole. */
  readonly units: Units | undefined;
  /** Of the file. */
  readonly digest: Digest;
  /** Where a specifier leads: a module or a file of ours, a package with its version, or one of Node's own modules. */
  resolve(specifier: string): { readonly module: string } | { readonly package: string } | undefined;
  /** What the file as a whole refers to. */
  readonly local: readonly string[];
  readonly packages: readonly string[];
}

export interface Reached {
  /** Digests of what is reached of each module, by file URL. */
  readonly digests: ReadonlyMap<string, Digest>;
  /** `name@version`. */
  readonly packages: ReadonlySet<string>;
}

/** What one function of the node type that `root` exports reaches; of one that is not written out there, the whole export. */
export function reachedBy(root: string, name: string, sourceOf: (module: string) => ReachedModule): Reached {
  const reach = new Reach(sourceOf);
  reach.begin(root, name);
  return reach.end();
}

class Reach {
  readonly #sourceOf: (module: string) => ReachedModule;
  readonly #parts = new Map<string, Parts>();
  readonly #packages = new Set<string>();
  readonly #loaded = new Set<string>();
  readonly #whole = new Set<string>();
  readonly #exports = new Set<string>();
  readonly #queue: (() => void)[] = [];

  constructor(sourceOf: (module: string) => ReachedModule) {
    this.#sourceOf = sourceOf;
  }

  begin(root: string, name: string): void {
    const { units } = this.#sourceOf(root);
    this.#load(root);
    const own = units?.functions?.get(name);
    if (own !== undefined) this.#unit(root, own);
    else if (units?.functions === undefined) this.#export(root, "default");
  }

  end(): Reached {
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) next();
    const digests = new Map<string, Digest>();
    for (const module of this.#whole) digests.set(module, this.#sourceOf(module).digest);
    for (const [module, parts] of this.#parts) if (!digests.has(module)) digests.set(module, digestOf(textOf(parts)));
    return { digests, packages: this.#packages };
  }

  /** A module is loaded: what acts then counts, in it and in all that it loads. */
  #load(module: string): void {
    if (this.#loaded.has(module)) return;
    this.#loaded.add(module);
    const { units } = this.#sourceOf(module);
    if (units === undefined) {
      this.#all(module);
      return;
    }
    for (const unit of units.effects) this.#unit(module, unit);
    for (const specifier of units.loaded) {
      const target = this.#sourceOf(module).resolve(specifier);
      if (target !== undefined && "module" in target) this.#queue.push(() => this.#load(target.module));
    }
    // A package that is imported without a name is imported for what it does.
    const named = new Set([...units.imports.values(), ...units.exports.values()].map(specifierOf));
    for (const specifier of units.loaded) {
      if (!named.has(specifier) && !units.stars.includes(specifier))
        this.#count(module, `import ${specifier}`, specifier);
    }
  }

  /** A file that counts as it is, with all that it refers to. */
  #all(module: string): void {
    if (this.#whole.has(module)) return;
    this.#whole.add(module);
    const { local, packages } = this.#sourceOf(module);
    for (const name of packages) this.#packages.add(name);
    for (const other of local) this.#queue.push(() => this.#all(other));
  }

  #unit(module: string, unit: Unit): void {
    const { units } = this.#partsOf(module);
    if (units.has(unit)) return;
    units.add(unit);
    for (const name of unit.names) this.#name(module, name);
    for (const { specifier, names } of unit.later) this.#later(module, specifier, names);
    for (const path of unit.beside) {
      const target = this.#sourceOf(module).resolve(path);
      if (target !== undefined && "module" in target) this.#queue.push(() => this.#all(target.module));
    }
  }

  /** A name of a module's top level; others are variables of some function, or Node's own. */
  #name(module: string, name: string): void {
    const { units } = this.#sourceOf(module);
    const unit = units?.declared.get(name);
    if (unit !== undefined) this.#queue.push(() => this.#unit(module, unit));
    const foreign = units?.imports.get(name);
    if (foreign !== undefined) this.#foreign(module, foreign, name);
  }

  #foreign(module: string, { specifier, name }: Foreign, as: string): void {
    const target = this.#count(module, `import ${name} as ${as} from ${specifier}`, specifier);
    if (target !== undefined) this.#queue.push(() => this.#export(target, name));
  }

  #later(module: string, specifier: string, names: readonly string[] | undefined): void {
    const target = this.#count(module, `import ${specifier}`, specifier);
    if (target === undefined) return;
    this.#queue.push(() => this.#load(target));
    for (const name of names ?? ["*"]) this.#queue.push(() => this.#export(target, name));
  }

  /** Notes an import. Returns the module of ours that it leads to. */
  #count(module: string, text: string, specifier: string): string | undefined {
    this.#partsOf(module).links.add(text);
    const target = this.#sourceOf(module).resolve(specifier);
    if (target !== undefined && "package" in target) this.#packages.add(target.package);
    return target !== undefined && "module" in target ? target.module : undefined;
  }

  #export(module: string, name: string): void {
    const key = `${module} ${name}`;
    if (this.#exports.has(key)) return;
    this.#exports.add(key);
    const { units, resolve } = this.#sourceOf(module);
    if (units === undefined) {
      this.#all(module);
      return;
    }
    if (name === "*") for (const each of units.exports.keys()) this.#export(module, each);
    const found = units.exports.get(name);
    if (typeof found === "string") {
      this.#partsOf(module).links.add(`export ${found} as ${name}`);
      this.#name(module, found);
    } else if (found !== undefined) this.#foreign(module, found, name);
    else {
      for (const specifier of units.stars) {
        const target = resolve(specifier);
        if (target !== undefined && "module" in target) this.#export(target.module, name);
      }
    }
  }

  #partsOf(module: string): Parts {
    const parts = this.#parts.get(module) ?? { units: new Set(), links: new Set() };
    this.#parts.set(module, parts);
    return parts;
  }
}

/** What counts of a module: statements, and the imports and exports by which it hangs together with others. */
interface Parts {
  readonly units: Set<Unit>;
  readonly links: Set<string>;
}

function textOf({ units, links }: Parts): string {
  const statements = [...units].sort((one, other) => one.start - other.start).map(({ text }) => text);
  return [...statements, ...[...links].sort()].join("\n\n");
}

function specifierOf(target: string | Foreign): string {
  return typeof target === "string" ? "" : target.specifier;
}
