/**
 * The wires between nodes, across the borders of graph files: which sources a text such as `split:rest` stands for. What is
 * wrong with them is reported. Knows names and inputs, not what flows.
 */
import type { InputDeclaration } from "../nodetype/define.js";
import { describedInputs } from "../nodetype/describe.js";
import type { Located, Span } from "./located.js";
import type { Report } from "./report.js";
import type { PlacedNode } from "./space.js";
import { isBypassed, isSubgraph, type Space } from "./space.js";
import type { NamedSource, NodeInputs } from "./wiring.js";

/** The inputs of every node, within nodes too; what is wrong with them is reported and left out. */
export class Wires {
  readonly #report: Report;
  readonly #read = new Map<PlacedNode, NodeInputs>();
  /** Sources that are being looked for: who comes by again goes in a circle. */
  readonly #open = new Set<string>();

  constructor(report: Report) {
    this.#report = report;
  }

  inputsOf(node: PlacedNode): NodeInputs {
    const known = this.#read.get(node);
    if (known !== undefined) return known;
    const read = this.#readInputs(node);
    this.#read.set(node, read);
    return read;
  }

  /** Reports what is wrong with the wires of nodes that stand for graphs, and with outputs that nobody may read. */
  checkAll(space: Space): void {
    for (const [name, { key }] of space.outputs) this.#handedOn(space, name, key);
    for (const node of space.nodes.values()) {
      if (isSubgraph(node)) this.inputsOf(node);
      if (node.inner !== undefined) this.checkAll(node.inner);
    }
  }

  #readInputs(node: PlacedNode): NodeInputs {
    const report = this.#report;
    const declared = declaredInputs(node);
    const given = node.members.get("inputs")?.value;
    const named = new Map<string, readonly NamedSource[]>();
    if (given?.kind === "array") {
      const main = declared === undefined ? "main" : declared.keys().next().value;
      if (main !== undefined) named.set(main, this.#sources(node, given.items));
      else if (given.items.length > 0) report.error(given.span, `${whatTakesNone(node)} takes no inputs.`);
    } else if (given?.kind === "object") {
      for (const [input, { key, value }] of given.members) {
        if (declared !== undefined && !declared.has(input)) {
          report.unknown(key, `Node "${node.name}" has no input "${input}".`, input, declared.keys());
        } else if (value.kind === "array") named.set(input, this.#sources(node, value.items));
        else report.error(value.span, `Input "${input}" of node "${node.name}" must be a list of nodes.`);
      }
    } else if (given !== undefined) {
      report.error(given.span, `"inputs" of node "${node.name}" must be a list of nodes, or an object of such lists.`);
    }
    if (declared === undefined) return named;
    requireInputs(node, declared, report);
    return new Map([...declared.keys()].map((input) => [input, named.get(input) ?? []]));
  }

  #sources(node: PlacedNode, items: readonly Located[]): readonly NamedSource[] {
    const found = new Map<string, NamedSource>();
    for (const item of items) {
      if (item.kind !== "leaf" || typeof item.value !== "string") {
        this.#report.error(item.span, `An input of node "${node.name}" must be the name of a node, in double quotes.`);
        continue;
      }
      for (const source of this.#named(node.space, item.value, item.span)) {
        const key = `${source.node}:${source.output}`;
        if (found.has(key)) this.#report.error(item.span, `Node "${item.value}" is given twice to one input.`);
        else found.set(key, source);
      }
    }
    return [...found.values()];
  }

  /** What a text such as `tiles`, `split:rest` or `:images` (what comes into the space) stands for. */
  #named(space: Space, text: string, span: Span): readonly NamedSource[] {
    const cut = text.indexOf(":");
    const name = cut === -1 ? text : text.slice(0, cut);
    const output = cut === -1 ? undefined : text.slice(cut + 1);
    if (name === "" && output !== undefined) return this.#comingIn(space, output, span);
    const node = space.nodes.get(name);
    if (node === undefined) {
      this.#report.unknown(span, `There is no node "${name}".`, name, space.nodes.keys());
      return [];
    }
    if (isSubgraph(node) && node.inner === undefined) {
      // One that is passed by, or cannot be read.
      return isBypassed(node) ? this.#through(node, span) : [];
    }
    const outputs = node.inner === undefined ? outputNames(node) : [...node.inner.outputs.keys()];
    const chosen = output ?? outputs[0];
    if (output !== undefined && !outputs.includes(output)) {
      if (node.type !== undefined)
        this.#report.unknown(span, `Node "${node.name}" has no output "${output}".`, output, outputs);
      return [];
    }
    if (node.inner === undefined) return [{ node: node.name, output: chosen, span }];
    if (chosen !== undefined) return this.#handedOn(node.inner, chosen, span);
    this.#report.error(span, `Node "${node.name}" has no output: its graph names none under "outputs".`);
    return [];
  }

  /** What feeds the first input of a node that is passed by. */
  #through(node: PlacedNode, span: Span): readonly NamedSource[] {
    const sources = this.#once(node.name, span, () => [...this.inputsOf(node).values()][0]);
    return sources.map((source) => ({ ...source, span }));
  }

  #comingIn(space: Space, input: string, span: Span): readonly NamedSource[] {
    if (!space.inputs.has(input)) {
      this.#report.unknown(span, `This graph has no input "${input}".`, input, space.inputs.keys());
      return [];
    }
    if (space.outer === undefined) return [];
    const sources = this.#once(`${space.prefix}:${input}`, span, () =>
      this.inputsOf(space.outer as PlacedNode).get(input),
    );
    return sources.map((source) => ({ ...source, span }));
  }

  #handedOn(space: Space, output: string, span: Span): readonly NamedSource[] {
    const list = space.outputs.get(output)?.value;
    if (list?.kind !== "array") return [];
    const texts = list.items.filter((item) => item.kind === "leaf" && typeof item.value === "string");
    const sources = this.#once(`${space.prefix} ${output}`, span, () =>
      texts.flatMap((item) => this.#named(space, String((item as { value: unknown }).value), item.span)),
    );
    return sources.map((source) => ({ ...source, span }));
  }

  #once(key: string, span: Span, find: () => readonly NamedSource[] | undefined): readonly NamedSource[] {
    if (this.#open.has(key)) {
      this.#report.error(span, "What is read here comes from itself, through a graph that hands it on as it came in.");
      return [];
    }
    this.#open.add(key);
    const found = find() ?? [];
    this.#open.delete(key);
    return found;
  }
}

function declaredInputs(node: PlacedNode): ReadonlyMap<string, InputDeclaration> | undefined {
  if (node.inner !== undefined) return node.inner.inputs;
  // One that stands for a graph that cannot be read.
  if (isSubgraph(node)) return undefined;
  return node.type && describedInputs(node.type);
}

function outputNames(node: PlacedNode): readonly string[] {
  return Object.keys(node.type?.definition.outputs ?? {});
}

function whatTakesNone(node: PlacedNode): string {
  return node.inner === undefined ? `Node type "${node.type?.name}"` : `The graph of node "${node.name}"`;
}

function requireInputs(node: PlacedNode, declared: ReadonlyMap<string, InputDeclaration>, report: Report): void {
  const given = node.members.get("inputs")?.value;
  const first = declared.keys().next().value;
  for (const [input, { optional, description }] of declared) {
    // What is given and wrong has been reported, and counts as given.
    const value = given?.kind === "object" ? given.members.get(input)?.value : input === first ? given : undefined;
    if (optional || (value !== undefined && (value.kind !== "array" || value.items.length > 0))) continue;
    const named = given?.kind === "object" ? given.members.get(input)?.key : undefined;
    const at = named ?? node.members.get("inputs")?.key ?? node.key;
    report.error(at, `Node "${node.name}" needs input "${input}": ${description}`);
  }
}
