/**
 * The samples of a training node: which files there are, found in folders or given by upstream items, and how they pair. It
 * knows tags and folders, nothing of pixels.
 */
import type { DiscoverDoors, DiscoveredFile, InputFile, InputMember, Json } from "dag-cook";
import { tagMatches } from "dag-cook";
import type { Dataset } from "dag-cook/ml/data/samples";

/** The parameters that say where samples come from. */
export interface Sources {
  readonly input_type:
    | "single_paired"
    | "paired_directories"
    | "unpaired_directories"
    | "composite_directory"
    | "work_items";
  readonly input_image?: string | null;
  readonly reference_image?: string | null;
  readonly input_image_dir?: string | null;
  readonly reference_image_dir?: string | null;
  readonly composite_image_dir?: string | null;
}

/** A found file and what it is. */
export type TaggedFile = DiscoveredFile & { readonly tag: string };

const IMAGES = "*.{png,jpg,jpeg,tif,tiff,webp}";
const INPUT = "file/image/input";
const REFERENCE = "file/image/reference";

/** The parameters that each kind of source needs. */
export const NEEDED: Readonly<Record<Sources["input_type"], readonly (keyof Sources)[]>> = {
  single_paired: ["input_image", "reference_image"],
  paired_directories: ["input_image_dir", "reference_image_dir"],
  unpaired_directories: ["input_image_dir", "reference_image_dir"],
  composite_directory: ["composite_image_dir"],
  work_items: [],
};

/** The folders' files, tagged. Rejects with a message for the user where they do not pair. */
export async function findFiles(
  sources: Sources,
  group: "train" | "test",
  doors: Pick<DiscoverDoors, "list">,
): Promise<readonly TaggedFile[]> {
  const { composites, pairDirectories } = await import("dag-cook/ml/data/samples");
  const list = async (directory: string, kind: string): Promise<readonly TaggedFile[]> =>
    (await doors.list(directory, IMAGES)).map((file) => ({ ...file, tag: tagOf(group, kind) }));
  if (sources.input_type === "paired_directories") {
    const [inputs, references] = [
      await list(sources.input_image_dir!, "input"),
      await list(sources.reference_image_dir!, "reference"),
    ];
    pairDirectories(inputs, references);
    return [...inputs, ...references];
  }
  if (sources.input_type !== "composite_directory") return [];
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
 * pairs, member by member. Rejects with a message for the user.
 */
export async function datasetOf(
  sources: Sources,
  group: "train" | "test",
  files: readonly InputFile[],
  members: readonly InputMember[],
  limit?: number,
): Promise<Dataset> {
  const { composites, givenPairs, pairDirectories, singlePair } = await import("dag-cook/ml/data/samples");
  const found = (kind: string) => files.filter(({ tag }) => tag === tagOf(group, kind));
  switch (sources.input_type) {
    case "single_paired":
      return singlePair(sources.input_image!, sources.reference_image!);
    case "paired_directories":
      return pairDirectories(found("input"), found("reference"), limit);
    case "composite_directory":
      return composites(found("composite"), limit);
    case "work_items": {
      const pairs = members.flatMap(pairsOf);
      if (pairs.length === 0) {
        throw new Error(`There are no items to take samples from: connect some to the input "${inputOf(group)}".`);
      }
      return givenPairs(pairs.slice(0, limit));
    }
    case "unpaired_directories":
      throw new Error("unpaired training is refused by the parameters' check");
  }
}

function inputOf(group: "train" | "test"): string {
  return group === "train" ? "main" : "test";
}

function pairsOf(member: InputMember) {
  const tagged = (prefix: string) => member.files.filter(({ tag }) => tagMatches(tag, prefix));
  const [inputs, references] = [tagged(INPUT), tagged(REFERENCE)];
  if (inputs.length === 0 || inputs.length !== references.length) {
    throw new Error(
      `The item "${member.name}" has ${inputs.length} files tagged ${INPUT} and ${references.length} tagged ${REFERENCE}; ` +
        "every item needs as many of both, one at least.",
    );
  }
  return inputs.map((input, at) => ({ input, reference: references[at]! }));
}
