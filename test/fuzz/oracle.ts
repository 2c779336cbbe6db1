/** Whether a world is a case: the graph of its files, checked as the command checks it, and its model. Cooks nothing. */
import type { Graph } from "../../src/graph/graph.js";
import type { Registry } from "../../src/nodetype/registry.js";
import { graphOf, registryOf } from "./engine.js";
import { Unmodelled } from "./expressions.js";
import { Model, type Stored } from "./model.js";
import type { Site } from "./site.js";
import { textsOf } from "./texts.js";
import { flat, isSameGraph, type World } from "./world.js";

export interface Judged {
  readonly graph: Graph;
  readonly model: Model;
}

export class Judge {
  readonly #site: Site;
  readonly #stored: Stored;
  /** What items are, by the model's words. */
  readonly #identities = new Map<string, number>();
  #registry: Registry;
  /** The last graph that was one. */
  #last: { readonly world: World; readonly graph: Graph } | undefined;

  constructor(site: Site, stored: Stored) {
    this.#site = site;
    this.#stored = stored;
    this.#registry = registryOf(site.folder);
  }

  /** The code of a node type is now as the world has it. */
  renew(type: string, { code }: World): void {
    this.#site.writeCode(type, code[type]);
    this.#registry = registryOf(this.#site.folder);
    this.#last = undefined;
  }

  /** Undefined where the world is no graph, or the model has no words for it. */
  async of(world: World): Promise<Judged | undefined> {
    const graph = await this.#graphOf(world);
    if (graph === undefined) return undefined;
    this.#last = { world, graph };
    try {
      return { graph, model: new Model(flat(world), this.#identities, this.#stored) };
    } catch (error) {
      if (error instanceof Unmodelled) return undefined;
      throw error;
    }
  }

  /** That of the last world, where files and arguments of the command line are the same. */
  async #graphOf(world: World): Promise<Graph | undefined> {
    if (this.#last !== undefined && isSameGraph(this.#last.world, world)) return this.#last.graph;
    const texts = textsOf(world);
    return texts && graphOf(texts, this.#site.folder, this.#registry);
  }
}
