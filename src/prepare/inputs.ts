/** What an item is made from: its own files and those of its inputs' members. Knows items and files; takes no digest of them. */
import type { Digest } from "../base/hash.js";
import type { Value } from "../expression/value.js";
import type { FileIdentity } from "../fingerprint/manifest.js";
import type { NodeRun } from "../generate/run.js";
import type { WorkItem } from "../workitem/item.js";
import type { OutputFile } from "../workitem/output.js";
import { consumedAttribute } from "./environment.js";
import { read } from "./reads.js";

/** A file outside the store, by its symbolic path. */
export interface OutsideFile {
  readonly path: string;
  readonly digest: Digest;
}

/** One upstream item as it decides a cook. */
interface MemberInput {
  attributes: Record<string, Value>;
  readonly files: readonly FileIdentity[];
}

/** What an item is made from. */
export interface Inputs {
  /** By input. */
  readonly identities: ReadonlyMap<string, readonly MemberInput[]>;
  /** Those of the files that lie outside the store. */
  readonly outside: readonly OutsideFile[];
}

const NONE: Inputs["identities"] = new Map();

/** `reads`: the attributes that are consumed. */
export function inputsOf(run: NodeRun, item: WorkItem, reads: readonly string[]): Inputs {
  // Most items with files of their own have no others, and all of these lie outside.
  if (item.parents.length === 0 && item.files.every(isOutside)) return { identities: NONE, outside: item.files };
  const identities = new Map<string, readonly MemberInput[]>();
  const outside: OutsideFile[] = item.files.filter(isOutside);
  let group = 0;
  for (const name of run.node.inputs.keys()) {
    const members = item.members(group++);
    for (const { files } of members) for (const file of files) if (isOutside(file)) outside.push(file);
    identities.set(
      name,
      members.map((member) => ({
        attributes: read(reads, (attribute) => consumedAttribute(member, attribute)),
        files: member.files,
      })),
    );
  }
  return { identities, outside };
}

function isOutside(file: OutputFile): file is OutputFile & OutsideFile {
  return file.path !== undefined;
}
