/**
 * Random graphs of this package's own nodes, and of the two in random-nodes: sources, wedges, work of every setting,
 * partitions, filters, items that follow from what a cook wrote, loops. All of them pass the check; some of their items fail,
 * which follows from the graph. Knows files as texts; cooks nothing.
 */
import { Dice } from "./dice.js";

/** A node as a graph file has it. */
export interface RandomNode {
  readonly type: string;
  readonly inputs?: readonly string[];
  readonly params?: Record<string, unknown>;
  readonly [setting: string]: unknown;
}

export interface RandomGraph {
  readonly nodes: Record<string, RandomNode>;
  /** Source files: path relative to the graph's folder, text. */
  readonly files: Record<string, string>;
}

export interface RandomOptions {
  /** Nodes, more or less. */
  readonly size?: number;
  /** Whether work may fail, be tried again, ignored or block; else nothing fails. */
  readonly failures?: boolean;
  /** Whether results may be left out of the store (`cache_mode`). */
  readonly modes?: boolean;
  /** The types of sources and work, where they are called otherwise. */
  readonly types?: { readonly files: string; readonly work: string };
}

/** A node that others may be wired to. */
interface Wire {
  readonly name: string;
  /** Whole numbers that all its items have. */
  readonly attributes: readonly string[];
  readonly lists: readonly string[];
  /** How many items it makes, at most. */
  readonly items: number;
}

/** A node makes no more items than this. */
const MOST_ITEMS = 24;

export function randomGraph(seed: number, options: RandomOptions = {}): RandomGraph {
  return new Maker(new Dice(seed, "graph"), options).make();
}

class Maker {
  readonly #dice: Dice;
  readonly #options: RandomOptions;
  readonly #nodes: Record<string, RandomNode> = {};
  readonly #files: Record<string, string> = {};
  #numbered = 0;

  constructor(dice: Dice, options: RandomOptions) {
    this.#dice = dice;
    this.#options = options;
  }

  make(): RandomGraph {
    const wires: Wire[] = [this.#source()];
    const size = this.#options.size ?? this.#dice.from(3, 12);
    while (Object.keys(this.#nodes).length < size) {
      // Deep graphs more than wide ones: the last nodes are wired to more often.
      const from = this.#dice.chance(0.6) ? wires.at(-1)! : this.#dice.pick(wires);
      wires.push(this.#next(from, wires));
    }
    return { nodes: this.#nodes, files: this.#files };
  }

  #next(from: Wire, wires: readonly Wire[]): Wire {
    const roll = this.#dice.part();
    if (roll < 0.06) return this.#source();
    if (roll < 0.1) return this.#count();
    if (roll < 0.18 && from.items * 3 <= MOST_ITEMS) return this.#wedge(from);
    if (roll < 0.22) return this.#create(from);
    if (roll < 0.34) return this.#partition(from);
    if (roll < 0.42) return this.#filter(from);
    if (roll < 0.5 && from.items * 3 <= MOST_ITEMS) return this.#dynamic(from);
    if (roll < 0.57 && from.items <= 6) return this.#loop(from);
    if (roll < 0.62) return this.#merge(this.#two(from, wires));
    return this.#work(this.#dice.chance(0.12) ? this.#two(from, wires) : [from]);
  }

  #two(from: Wire, wires: readonly Wire[]): Wire[] {
    const other = this.#dice.pick(wires);
    return other.name === from.name ? [from] : [from, other];
  }

  #add(kind: string, node: RandomNode): string {
    const name = `${kind}_${++this.#numbered}`;
    this.#nodes[name] = node;
    return name;
  }

  #source(): Wire {
    const count = this.#dice.from(1, 5);
    const number = this.#numbered + 1;
    for (let place = 0; place < count; place++) {
      // Some have the same text: their items make the same, and are twins.
      this.#files[`in_${number}/${"bdfhj"[place]}.txt`] = "x".repeat(this.#dice.from(1, 4));
    }
    const size = `size_${number}`;
    const type = this.#options.types?.files ?? "random_files";
    const name = this.#add("files", { type, params: { directory: `in_${number}`, size } });
    return { name, attributes: [size], lists: [], items: count };
  }

  #count(): Wire {
    const count = this.#dice.from(1, 4);
    const number = `number_${this.#numbered + 1}`;
    const name = this.#add("count", { type: "generic_generator", params: { count, number } });
    return { name, attributes: [number], lists: [], items: count };
  }

  #wedge(from: Wire): Wire {
    const varied = `varied_${this.#numbered + 1}`;
    const values = [0, 1, 2].slice(0, this.#dice.from(1, 3));
    const params = { attributes: [{ name: varied, type: "int", values }], order: this.#dice.pick(["input", "wedge"]) };
    const name = this.#add("wedge", { type: "wedge", inputs: [from.name], params });
    return { ...from, name, attributes: [...from.attributes, varied], items: from.items * values.length };
  }

  #create(from: Wire): Wire {
    const created = `created_${this.#numbered + 1}`;
    const value = from.attributes.length === 0 ? 1 : `\`${this.#number(from)} + 1\``;
    const params = { attributes: [{ name: created, type: "int", value }] };
    const name = this.#add("create", { type: "attribute_create", inputs: [from.name], params });
    return { ...from, name, attributes: [...from.attributes, created] };
  }

  #partition(from: Wire): Wire {
    const when = this.#generateWhen();
    const attribute = this.#attribute(from);
    const roll = this.#dice.part();
    const wired = { inputs: [from.name], ...when };
    const name =
      roll < 0.4
        ? this.#add("all", { type: "wait_for_all", ...wired })
        : roll < 0.7 && attribute !== undefined
          ? this.#add("group", {
              type: "partition_by_attribute",
              ...wired,
              params: { attributes: [{ name: attribute }] },
            })
          : this.#add("range", { type: "partition_by_range", ...wired, params: { size: this.#dice.from(1, 3) } });
    return { name, attributes: ["partitionsize"], lists: [], items: from.items };
  }

  #filter(from: Wire): Wire {
    const expression = this.#condition(from);
    const when = this.#generateWhen();
    if (this.#dice.chance(0.3)) {
      const split = this.#add("split", { type: "split", inputs: [from.name], params: { expression }, ...when });
      return { ...from, name: this.#dice.chance(0.5) ? split : `${split}:rest` };
    }
    if (this.#dice.chance(0.2)) {
      const params = { states: ["success", "cached"] };
      return { ...from, name: this.#add("state", { type: "filter_by_state", inputs: [from.name], params }) };
    }
    const filter = { type: "filter_by_expression", inputs: [from.name], params: { expression }, ...when };
    return { ...from, name: this.#add("filter", filter) };
  }

  /** Items whose number follows from an attribute, which a cook may have written. */
  #dynamic(from: Wire): Wire {
    const when = this.#generateWhen();
    const [list] = from.lists;
    const own = `own_${this.#numbered + 1}`;
    const made = { ...from, attributes: [...from.attributes, own], items: from.items * 3 };
    if (list !== undefined && this.#dice.chance(0.7)) {
      const params = { attribute: list, value: own };
      return { ...made, name: this.#add("expand", { type: "work_item_expand", inputs: [from.name], params, ...when }) };
    }
    const params = { count: `abs(${this.#number(from)}) % 3`, number: own };
    return { ...made, name: this.#add("some", { type: "generic_generator", inputs: [from.name], params, ...when }) };
  }

  #loop(from: Wire): Wire {
    const attributes = [...from.attributes, "loopiter"];
    const files = this.#dice.chance(0.6);
    const params: Record<string, unknown> = { iterations: this.#dice.from(1, 3), files };
    const begin = this.#add("begin", { type: "feedback_begin", inputs: [from.name], params });
    let inside: Wire = { ...from, name: begin, attributes };
    for (let left = this.#dice.from(1, 2); left > 0; left--) inside = this.#work([inside]);
    const own = inside.attributes.filter((name) => !attributes.includes(name));
    if (own.length > 0 && this.#dice.chance(0.5)) params.attributes = [own[0]];
    const stop = own.length > 0 && this.#dice.chance(0.4) ? { stop_when: `@${own[0]} == 1` } : {};
    const end = this.#add("end", { type: "feedback_end", inputs: [inside.name], params: stop });
    return { ...from, name: this.#dice.chance(0.7) ? end : `${end}:iterations` };
  }

  #merge(wires: readonly Wire[]): Wire {
    const merged = both(wires);
    if (merged.items > MOST_ITEMS) return this.#work([wires[0]!]);
    return { ...merged, name: this.#add("merge", { type: "merge", inputs: wires.map(({ name }) => name) }) };
  }

  #work(wires: readonly Wire[]): Wire {
    const joined = both(wires);
    const from = joined.items > MOST_ITEMS ? wires[0]! : joined;
    const inputs = joined.items > MOST_ITEMS ? [wires[0]!.name] : wires.map(({ name }) => name);
    const dice = this.#dice;
    const number = this.#numbered + 1;
    const writes = Array.from({ length: dice.from(0, 2) }, (_, place) => `wrote_${number}_${place}`);
    const list = dice.chance(0.25) ? `list_${number}` : "";
    const reads = from.attributes.filter(() => dice.chance(0.3));
    const params: Record<string, unknown> = { text: `work ${number}`, writes, list, reads };
    if (dice.chance(0.4)) params.number = this.#number(from);
    if (dice.chance(0.2)) params.text = `work ${number} @${this.#attribute(from) ?? "pdg_name"}`;
    if (dice.chance(0.5)) params.output = `out/work_${number}/@{pdg_name}.txt`;
    if (dice.chance(0.3)) params.count = dice.from(0, 2);
    if (dice.chance(0.15)) params.pass = true;
    if (dice.chance(0.1)) params.source = this.#sourceFile();
    const type = this.#options.types?.work ?? "random_work";
    const name = this.#add("work", { type, inputs, params, ...this.#settings(from, params) });
    const attributes = [...from.attributes, ...writes];
    return { ...from, name, attributes, lists: list === "" ? from.lists : [...from.lists, list] };
  }

  #settings(from: Wire, params: Record<string, unknown>): Record<string, unknown> {
    const dice = this.#dice;
    const settings: Record<string, unknown> = {};
    if (dice.chance(0.3)) settings.priority = this.#number(from);
    if (dice.chance(0.12)) settings.schedule_when = this.#condition(from);
    if (dice.chance(0.3)) settings.batch_size = dice.from(2, 6);
    if (dice.chance(0.3)) settings.timeout = dice.from(4, 20);
    if (dice.chance(0.3)) settings.slots = dice.pick([{ cpu: 2 }, { cpu: "all" }, { gpu: 1 }, { cpu: 1, gpu: 1 }]);
    if (dice.chance(0.2)) settings.label = `$OS @${this.#attribute(from) ?? "pdg_index"}`;
    if (this.#options.modes === true && dice.chance(0.06)) settings.cache_mode = dice.pick(["always_write", "never"]);
    if (this.#options.failures !== true) return settings;
    if (dice.chance(0.12)) params.fails = this.#condition(from);
    if (dice.chance(0.6)) {
      settings.on_failure = dice.pick(["fail", "retry", "retry", "retry", "ignore", "block"]);
      if (settings.on_failure === "retry") settings.retries = dice.from(1, 4);
    }
    return settings;
  }

  #sourceFile(): string {
    return this.#dice.pick(Object.keys(this.#files));
  }

  #attribute({ attributes }: Wire): string | undefined {
    return attributes.length === 0 ? undefined : this.#dice.pick(attributes);
  }

  #number(from: Wire): string {
    const name = this.#attribute(from);
    return name === undefined ? String(this.#dice.from(0, 5)) : `@${name} * ${this.#dice.from(1, 3)}`;
  }

  #condition(from: Wire): string {
    const name = this.#attribute(from);
    return name === undefined ? "1 == 1" : `@${name} % ${this.#dice.from(2, 3)} != ${this.#dice.from(0, 1)}`;
  }

  #generateWhen(): Record<string, string> {
    if (this.#dice.chance(0.6)) return {};
    return { generate_when: this.#dice.pick(["all_upstream_cooked", "each_upstream_cooked"]) };
  }
}

/** What the items of merged wires have. */
function both(wires: readonly Wire[]): Wire {
  const [first, ...others] = wires as readonly [Wire, ...Wire[]];
  const shared = (of: (wire: Wire) => readonly string[]) =>
    of(first).filter((name) => others.every((other) => of(other).includes(name)));
  return {
    name: first.name,
    attributes: shared(({ attributes }) => attributes),
    lists: shared(({ lists }) => lists),
    items: wires.reduce((sum, { items }) => sum + items, 0),
  };
}
