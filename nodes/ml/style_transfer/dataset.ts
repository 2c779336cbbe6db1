/**
 * The samples of a training node: which files there are, found in folders or given by upstream items, and how they pair. It
 * knows tags and folders, nothing of pixels.
 */
import type { DiscoverContext, DiscoveredFile, InputFile, InputMember, Json } from "dag-cook";
import { tagMatches } from "dag-cook";
import type { Dataset } from "dag-cook/ml/data/samples";
import type { InputType } from "dag-cook/ml/translation/params";
import { IMAGE_PATTERN, listImages } from "../../image/files/pattern.js";

/** The parameters that say where samples come from. */
export interface Sources {
  readonly input_type: InputType;
  readonly pattern?: string;
  readonly input_image?: string | null;
  readonly reference_image?: string | null;
  readonly input_image_dir?: string | null;
  readonly reference_image_dir?: string | null;
  readonly composite_image_dir?: string | null;
}

/** A found file and what it is. */
export type TaggedFile = DiscoveredFile & { readonly tag: string };

const INPUT = "file/image/input";
const REFERENCE = "file/image/reference";

/** The parameters that each kind of source needs. */
export const NEEDED: Readonly<Record<InputType, readonly (keyof Sources)[]>> = {
  single_paired: ["input_image", "reference_image"],
  paired_directories: ["input_image_dir", "reference_image_dir"],
  unpaired_directories: ["input_image_dir", "reference_image_dir"],
  composite_directory: ["composite_image_dir"],
  work_items: [],
  unpaired_work_items: [],
};

/** The folders' files, tagged. Rejects with a message for the user where they do not pair. */
export async function findFiles(
  sources: Sources,
  group: "train" | "test",
  context: Pick<DiscoverContext, "list" | "warn">,
): Promise<readonly TaggedFile[]> {
  const { composites, pairDirectories, unpairedDirectories } = await import("dag-cook/ml/data/samples");
  const list = async (directory: string, kind: string): Promise<readonly TaggedFile[]> => {
    const { pattern = IMAGE_PATTERN } = sources;
    const files = await listImages(context, directory, pattern);
    if (files.length > 0) return files.map((file) => ({ ...file, tag: tagOf(group, kind) }));
    const none = `The folder ${directory} has no ${kind} images (${pattern})`;
    throw new Error(`${none}; folders in it are not looked into.`);
  };
  const { input_type } = sources;
  if (input_type === "paired_directories" || input_type === "unpaired_directories") {
    const [inputs, references] = [
      await list(sources.input_image_dir!, "input"),
      await list(sources.reference_image_dir!, "reference"),
    ];
    const join = input_type === "paired_directories" ? pairDirectories : unpairedDirectories;
    join(inputs, references);
    return [...inputs, ...references];
  }
  if (input_type !== "composite_directory") return [];
  const files = await list(sources.composite_image_dir!, "composite");
  composites(files);
  return files;
}

function tagOf(group: "train" | "test", kind: string): string {
  return `file/image/${group}/${kind}`;
}

/** The files as `generate` gives them. */
export function filesFrom(discovered: Json): readonly TaggedFile[] {
  return discovered as unknown as readonly TaggedFile[];
}

/**
 * The samples. `files`: those that were found; `members`: the upstream items, whose inputs and references are taken in
 * pairs, member by member, or unpaired, from all of them. Rejects with a message for the user.
 */
export async function datasetOf(
  sources: Sources,
  group: "train" | "test",
  files: readonly InputFile[],
  members: readonly InputMember[],
  limit?: number,
): Promise<Dataset> {
  const { composites, givenPairs, givenSets, pairDirectories, singlePair, unpairedDirectories } = await import(
    "dag-cook/ml/data/samples"
  );
  const found = (kind: string) => files.filter(({ tag }) => tag === tagOf(group, kind));
  switch (sources.input_type) {
    case "single_paired":
      return singlePair(sources.input_image!, sources.reference_image!);
    case "paired_directories":
      return pairDirectories(found("input"), found("reference"), limit);
    case "composite_directory":
      return composites(found("composite"), limit);
    case "unpaired_directories":
      return unpairedDirectories(found("input"), found("reference"), limit);
    case "work_items":
      requireMembers(members, group);
      return givenPairs(members.flatMap(pairsOf).slice(0, limit));
    case "unpaired_work_items":
      requireMembers(members, group);
      return givenSets(allTagged(members, INPUT), allTagged(members, REFERENCE), limit);
  }
}

function requireMembers(members: readonly InputMember[], group: "train" | "test"): void {
  if (members.length > 0) return;
  const input = group === "train" ? "main" : "test";
  throw new Error(`There are no items to take samples from: connect some to the input "${input}".`);
}

function tagged({ files }: InputMember, prefix: string): readonly InputFile[] {
  return files.filter(({ tag }) => tagMatches(tag, prefix));
}

function allTagged(members: readonly InputMember[], prefix: string): readonly InputFile[] {
  const files = members.flatMap((member) => tagged(member, prefix));
  if (files.length > 0) return files;
  const tags = [...new Set(members.flatMap((member) => member.files.map(({ tag }) => tag)))].join(", ") || "none";
  throw new Error(`None of the items has a file tagged ${prefix}; their files' tags: ${tags}.`);
}

function pairsOf(member: InputMember) {
  const [inputs, references] = [tagged(member, INPUT), tagged(member, REFERENCE)];
  if (inputs.length === 0 || inputs.length !== references.length) {
    throw new Error(
      `The item "${member.name}" has ${inputs.length} files tagged ${INPUT} and ${references.length} tagged ${REFERENCE}; ` +
        "every item needs as many of both, one at least.",
    );
  }
  return inputs.map((input, at) => ({ input, reference: references[at]! }));
}
