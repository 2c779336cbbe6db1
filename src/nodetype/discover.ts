/** What a node type's `discover` may touch, and what it finds. Knows nothing of how it is recorded. */
import type { Json } from "../base/json.js";

/** A file outside the graph, found by `discover`: its path is symbolic. */
export interface DiscoveredFile {
  readonly path: string;
  readonly name: string;
  readonly digest: string;
  readonly size: number;
}

/** A file of an upstream item: no place on this machine is told. */
export interface UpstreamFile {
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
  readonly size: number;
}

/** The only doors through which `discover` touches files; all that goes through them is recorded. */
export interface DiscoverContext {
  /**
   * The files of the upstream item, once it is cooked, where a parameter asks for them (`upstream: true` in its schema). They
   * are recorded by their content. Undefined where it does not.
   */
  readonly upstream?: readonly UpstreamFile[] | undefined;
  /**
   * Files of a folder whose path relative to it matches a glob, in natural order. Their `name` is that relative path.
   * Rejects with a message for the user where the folder is absent.
   */
  list(directory: string, glob: string, options?: { readonly recursive?: boolean }): Promise<readonly DiscoveredFile[]>;
  /** One file. Rejects with a message for the user where it is absent. */
  read(path: string): Promise<DiscoveredFile>;
  /**
   * What `look` finds out about a file, remembered by the file's digest and the node's code. What else it depends on is
   * given as `about`, which is remembered with it: a look must not read other variables.
   */
  probe<T extends Json>(file: Omit<UpstreamFile, "tag">, look: (path: string) => Promise<T>): Promise<T>;
  probe<T extends Json, A extends Json>(
    file: Omit<UpstreamFile, "tag">,
    look: (path: string, about: A) => Promise<T>,
    about: A,
  ): Promise<T>;
  /** A line for the report, shown once. */
  warn(line: string): void;
}
