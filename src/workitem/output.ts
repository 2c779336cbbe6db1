/** Files of a work item. Knows where a file lies only symbolically: no absolute path is ever in one. */
import type { Digest } from "../base/hash.js";

/** A file that an item made (it lies in the content store) or refers to (it lies at `path`). */
export interface OutputFile {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Hierarchical kind: `file/image/reference`. */
  readonly tag: string;
  /** Base name with extension, or a relative path with `/` between its parts. */
  readonly name: string;
  /** For files that are referred to and not copied: a symbolic path such as `$HIP/data/a.png`. */
  readonly path?: string;
  /** The `path: "output"` parameter (dotted: `onnx.path`) whose folder the file is put into. */
  readonly parameter?: string;
}

/** Whether `tag` is `prefix` or lies below it: `file/image` matches `file/image/input`, not `file/images`. */
export function tagMatches(tag: string, prefix: string): boolean {
  return tag.startsWith(prefix) && (tag.length === prefix.length || tag[prefix.length] === "/" || prefix === "");
}
