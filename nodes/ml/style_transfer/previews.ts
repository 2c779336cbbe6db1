/** The frames of a training node's previews: one file, or those of a folder. It knows their names, nothing of pixels. */
import type { DiscoverContext } from "dag-cook";
import type { Frame } from "dag-cook/ml/translation/job";
import { anyCase } from "../../image/files/pattern.js";
import type { TaggedFile } from "./dataset.js";

/** The parameters that say which frames there are, and where their previews go. */
export interface PreviewParams {
  readonly input: string | null;
  readonly pattern: string;
  readonly path: string | null;
}

const FRAME = "file/image/frame";

/** The frames' files. Rejects with a message for the user where there are none, or previews would share a path. */
export async function findFrames(
  { input, pattern, path }: PreviewParams,
  context: Pick<DiscoverContext, "list" | "read">,
): Promise<readonly TaggedFile[]> {
  if (input === null) return [];
  // What is no folder is a file, and where there is neither, that is what is told.
  const files = await context.list(input, anyCase(pattern)).catch(async () => [await context.read(input)]);
  if (files.length === 0) throw new Error(`preview.input: no file in the folder ${input} matches "${pattern}".`);
  if (files.length > 1 && path !== null && !path.includes("{frame}")) {
    throw new Error(`preview.path: "${path}" writes ${files.length} frames to one file; put {frame} into it.`);
  }
  const names = files.map(({ name }) => frameName(name));
  const twice = names.findIndex((name, at) => names.indexOf(name) !== at);
  if (twice !== -1) {
    const [one, other] = [files[names.indexOf(names[twice]!)]!, files[twice]!];
    throw new Error(
      `preview.input: the previews of "${one.name}" and "${other.name}" would have one name; choose one kind of file by preview.pattern.`,
    );
  }
  return files.map((file) => ({ ...file, tag: FRAME }));
}

/** The frames among the item's files. */
export function framesOf(
  files: readonly { readonly path: string; readonly name: string; readonly tag: string }[],
): readonly Frame[] {
  return files.filter(({ tag }) => tag === FRAME).map(({ path, name }) => ({ path, name: frameName(name) }));
}

/** Folders become a part of the name, since a preview's name is one part of its path. */
function frameName(name: string): string {
  const flat = name.replaceAll("/", "_");
  const dot = flat.lastIndexOf(".");
  return dot > 0 ? flat.slice(0, dot) : flat;
}
