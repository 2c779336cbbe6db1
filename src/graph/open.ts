/** Opens a graph file's JSON, and the files of all nodes that stand for one. Knows no wires, and no values of parameters. */
import type { Registry } from "../nodetype/registry.js";
import { type Located, placeOf } from "./located.js";
import { checkPromotions, declaredInputs, declaredOutputs, type NestedDeps, readNested } from "./nested.js";
import type { PlacedNode } from "./space.js";
import { isBypassed, type Space } from "./space.js";
import { placeNodes, readVariables, topLevel } from "./top.js";

/** More nodes than this are a mistake: a few files can name each other to any number. */
const MAX_NODES = 200_000;

export interface OpenDeps extends NestedDeps {
  readonly registry: Registry;
  readonly job: string;
  readonly environment: ReadonlyMap<string, string>;
}

/** What a node that stands for a graph may say. */
const KEYS = ["type", "inputs", "params", "bypass"];

/** The graph of a file's JSON, with all graphs in it. Undefined where the file holds something else, which is reported. */
export async function openSpace(root: Located, folder: string, deps: OpenDeps): Promise<Space | undefined> {
  return open(root, folder, undefined, deps, { nodes: 0 });
}

async function open(
  root: Located,
  folder: string,
  outer: PlacedNode | undefined,
  deps: OpenDeps,
  count: { nodes: number },
): Promise<Space | undefined> {
  const { report, registry, job, environment } = deps;
  const members = topLevel(root, report);
  if (members === undefined) return undefined;
  const space: Space = {
    prefix: outer === undefined ? "" : `${outer.name}/`,
    source: root.span.source,
    folder,
    variables: readVariables(members, { folder, job, environment }, report),
    nodes: new Map(),
    inputs: declaredInputs(members, report),
    outputs: declaredOutputs(members, report),
    outer,
  };
  await placeNodes(members, space, registry, report);
  checkPromotions(root, space.nodes, report);
  count.nodes += space.nodes.size;
  for (const node of space.nodes.values()) {
    const parameter = node.type?.definition.graphIn;
    if (parameter === undefined) continue;
    if (count.nodes > MAX_NODES) {
      report.error(placeOf(node.key), `The graph and those in it have more than ${MAX_NODES} nodes.`);
      break;
    }
    checkKeys(node, deps);
    const nested = isBypassed(node) ? undefined : readNested(node, parameter, deps);
    node.inner = nested && (await open(nested.root, nested.folder, node, deps, count));
  }
  return space;
}

function checkKeys(node: PlacedNode, { report }: OpenDeps): void {
  for (const [key, { key: span }] of node.members) {
    if (KEYS.includes(key)) continue;
    report.error(span, `"${key}" says nothing of a node that stands for a graph: it may be said of the nodes in it.`);
  }
}
