/** Cooks of a case whose files are not kept, compared by what they answered. Knows no parameters. */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NodeDefinition } from "../nodetype/define.js";
import type { ParamSchemas } from "../nodetype/params.js";
import { type CookedOnce, cookOnce, digestOfCooked, type NodeCase } from "./cook-once.js";
import type { GivenParams } from "./params.js";

/**
 * Cooks a case twice, in this process and in folders of their own. Rejects, naming what differs, unless both give the same
 * items, attributes (but for those that it measures), and files with the same bytes; answers the first.
 */
export async function cookTwice<S extends ParamSchemas>(
  definition: NodeDefinition<S>,
  node: NodeCase<GivenParams<S>> = {},
): Promise<CookedOnce> {
  const type = definition as unknown as NodeDefinition;
  const measured = measuredOf(type);
  const given = node as NodeCase;
  const [first, second] = [await cookAway(type, given), await cookAway(type, given)];
  if (digestOfCooked(first, measured) !== digestOfCooked(second, measured)) {
    throw new Error(`two cooks of one case differ${differing(first, second, measured)}`);
  }
  return first;
}

function measuredOf({ attributes }: NodeDefinition): readonly string[] {
  return attributes?.measured ?? [];
}

function differing(first: CookedOnce, second: CookedOnce, measured: readonly string[]): string {
  for (const [index, { identity, attributes, outputs }] of first.items.entries()) {
    const other = second.items[index];
    const item = `item ${JSON.stringify(identity)}`;
    for (const [place, { name, digest }] of outputs.entries()) {
      if (other?.outputs[place]?.digest !== digest) return `: ${item}, file ${name}`;
    }
    for (const [name, value] of Object.entries(attributes)) {
      const now = other?.attributes[name];
      if (!measured.includes(name) && JSON.stringify(now) !== JSON.stringify(value))
        return `: ${item}, attribute ${name}`;
    }
  }
  return "";
}

/** Cooks, and deletes the files: their digests are in the answer. */
export async function cookAway(type: NodeDefinition, node: NodeCase): Promise<CookedOnce> {
  const directory = await mkdtemp(join(await realpath(tmpdir()), "dag-node-"));
  return cookOnce(type, { ...node, directory }).finally(() => rm(directory, { recursive: true }));
}

/** The digest of what a cook answers, without what the type measures. */
export async function digestAway(type: NodeDefinition, node: NodeCase): Promise<string> {
  return digestOfCooked(await cookAway(type, node), measuredOf(type));
}
