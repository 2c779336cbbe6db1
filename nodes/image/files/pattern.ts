/** Which files of a folder are images, by their names. Knows no pixels and no work items. */
import { type DiscoverContext, type DiscoveredFile, globMatcher } from "dag-cook";

/** Every image format that can be read: `IMAGE_PATTERN` of `dag-cook/image`, which a graph's check need not load. */
export const IMAGE_PATTERN = "*.{png,jpg,jpeg,webp,gif,avif,tif,tiff,exr,hdr,dpx,cin,asc,hgt}";

/** The glob with extensions in small letters or capitals: `*.png` is met by `a.PNG`. */
export function anyCase(pattern: string): string {
  return pattern.replace(/\.(\{[A-Za-z0-9,]+\}|[A-Za-z0-9]+)(?=$|[,}])/g, (extension) =>
    extension.replace(/[A-Za-z]/g, (letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`),
  );
}

/**
 * The files of a folder that match a glob of images. Where that takes all formats that are read, a warning names files that
 * look like images and are of none of these.
 */
export async function listImages(
  context: Pick<DiscoverContext, "list" | "warn">,
  directory: string,
  pattern: string,
  recursive = false,
): Promise<readonly DiscoveredFile[]> {
  const files = await context.list(directory, anyCase(pattern), { recursive });
  if (pattern === IMAGE_PATTERN) {
    const { OTHER_PATTERN } = await import("dag-cook/image");
    const others = await context.list(directory, anyCase(OTHER_PATTERN), { recursive });
    warnOfOthers(
      context,
      directory,
      others.map(({ name }) => name),
    );
  }
  return files;
}

/** The files of an upstream item that match, with the same warning. */
export async function matchingImages<F extends { readonly name: string }>(
  context: Pick<DiscoverContext, "warn">,
  files: readonly F[],
  pattern: string,
): Promise<readonly F[]> {
  if (pattern === IMAGE_PATTERN) {
    const { OTHER_PATTERN } = await import("dag-cook/image");
    warnOfOthers(
      context,
      "the upstream item",
      matching(files, OTHER_PATTERN).map(({ name }) => name),
    );
  }
  return matching(files, pattern);
}

/** Files whose name fits, wherever in its folders it is. */
function matching<F extends { readonly name: string }>(files: readonly F[], pattern: string): readonly F[] {
  const matches = globMatcher(anyCase(pattern));
  return files.filter(({ name }) => matches(name) || matches(name.slice(name.lastIndexOf("/") + 1)));
}

/** Names shown in a message. */
const SHOWN = 5;

function warnOfOthers(context: Pick<DiscoverContext, "warn">, where: string, names: readonly string[]): void {
  if (names.length === 0) return;
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
  const files =
    names.length === 1 ? "1 file looks like an image and was" : `${names.length} files look like images and were`;
  context.warn(
    `${files} not taken: ${names.slice(0, SHOWN).join(", ")}${more} (${where}). Their formats are not read; convert them to PNG or TIFF.`,
  );
}
