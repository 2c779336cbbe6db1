/** `dag check`, `dag graph`, `dag nodes`: what can be said of graphs and node types without cooking. */

import { join } from "node:path";
import { UserError } from "../../base/error.js";
import { nearest } from "../../base/suggest.js";
import { nodeTypes } from "../../engine/project.js";
import { toDot, toJson, toMermaid } from "../../graph/draw.js";
import { ownCodeOf, reachOf } from "../../graph/reach.js";
import { describeType, type TypeDescription } from "../../nodetype/describe.js";
import { NodeFileError } from "../../nodetype/fault.js";
import { loadAll, type RegisteredNodeType, type Registry } from "../../nodetype/registry.js";
import { type Flags, graphOf } from "../open.js";
import { print, printError } from "../print.js";
import { table } from "../table.js";
import { writeRequested } from "../write.js";

export async function checkCommand(file: string, options: Flags): Promise<number> {
  const { graph } = await graphOf(file, options);
  print(`${file}: ${graph.nodes.size} node${graph.nodes.size === 1 ? "" : "s"}, no problem found.\n`);
  for (const line of [...reachOf(graph, ["programs", "network"]), ...ownCodeOf(graph)]) print(`${line}\n`);
  return 0;
}

export interface DrawOptions extends Flags {
  readonly mermaid?: boolean;
  readonly svg?: boolean;
  readonly json?: boolean;
}

export async function graphCommand(file: string, options: DrawOptions): Promise<number> {
  const { graph } = await graphOf(file, options);
  if (options.svg === true) {
    const { MOST_DRAWN, toSvg } = await import("../../graph/svg.js");
    if (graph.nodes.size > MOST_DRAWN)
      throw new UserError(`${file} has ${graph.nodes.size} nodes; --svg draws ${MOST_DRAWN}. Use --dot.`, 2);
    print(toSvg(graph));
  } else if (options.json === true) print(`${JSON.stringify(toJson(graph), null, 2)}\n`);
  else print(options.mermaid === true ? toMermaid(graph) : toDot(graph));
  return 0;
}

export interface NodesOptions {
  readonly json?: boolean;
  readonly schema?: boolean;
  readonly pages?: string;
}

export async function nodesCommand(name: string | undefined, options: NodesOptions): Promise<number> {
  const registry = nodeTypes({ folder: process.cwd() });
  const loaded = name === undefined ? await loadAll(registry) : { types: [], faults: [] };
  for (const { message } of loaded.faults) printError(`${message}\n`);
  if (options.schema === true) {
    const { graphSchemaText } = await import("../../graph/schema.js");
    print(await graphSchemaText(registry));
    return 0;
  }
  const described = (name === undefined ? loaded.types : [await oneType(registry, name)]).map(describeType);
  if (options.pages !== undefined) return writePages(described, options.pages);
  if (options.json === true) print(`${JSON.stringify(described, null, 2)}\n`);
  else if (name === undefined) {
    print(
      `${table(
        ["type", "what it does"],
        described.map((type) => [type.name, type.description]),
      )}\n`,
    );
  } else for (const type of described) print(`${page(type).join("\n")}\n`);
  return 0;
}

/** A node type by name; one that is unknown or does not load ends the command with code 2. */
async function oneType(registry: Registry, name: string): Promise<RegisteredNodeType> {
  try {
    const type = await registry.get(name);
    if (type !== undefined) return type;
  } catch (error) {
    if (!(error instanceof NodeFileError)) throw error;
    throw new UserError(`${error.message}.`, 2);
  }
  const hint = nearest(name, registry.names);
  throw new UserError(`There is no node type "${name}".${hint === undefined ? "" : ` Did you mean "${hint}"?`}`, 2);
}

async function writePages(types: readonly TypeDescription[], folder: string): Promise<number> {
  const { pagesOf } = await import("../pages.js");
  for (const [path, text] of pagesOf(types)) {
    const file = join(folder, path);
    writeRequested(file, text);
    print(`${file}\n`);
  }
  return 0;
}

function page(type: TypeDescription): string[] {
  const lines = [`${type.name} (version ${type.version})`, type.description, ""];
  if (type.inputs.length > 0) {
    lines.push("Inputs");
    for (const input of type.inputs) {
      lines.push(`  ${input.name}${input.optional === true ? " (optional)" : ""}: ${input.description}`);
    }
    lines.push("");
  }
  if (type.outputs.length > 0) {
    lines.push("Outputs", ...type.outputs.map((output) => `  ${output.name}: ${output.description}`), "");
  }
  const attributes = Object.entries(type.attributes);
  if (attributes.length > 0) {
    const words = type.attributesVary ? ", with the parameters' defaults" : "";
    lines.push(`Attributes of its items${words}`, ...attributes.map(([name, kind]) => `  ${name}: ${kind}`), "");
  }
  const rows = type.params.map((row) => [
    row.name,
    row.type,
    row.required ? "required" : row.default,
    row.range,
    row.description,
  ]);
  if (rows.length > 0) lines.push(table(["parameter", "type", "default", "range", "meaning"], rows));
  return lines;
}
