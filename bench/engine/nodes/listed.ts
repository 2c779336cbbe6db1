/** What node types share that make an item for each file of a folder. */
import type { DiscoverContext, DiscoveredFile, GeneratedItem, Json } from "dag-cook";

export const directory = { type: "string", path: "input", required: true, description: "Folder." } as const;

export async function discoverFiles(folder: string, context: DiscoverContext): Promise<Json> {
  return (await context.list(folder, "*", { recursive: true })) as readonly (DiscoveredFile & {
    readonly [name: string]: never;
  })[];
}

export function* generateFiles(discovered: Json): Iterable<GeneratedItem> {
  for (const file of discovered as unknown as readonly DiscoveredFile[]) {
    yield { identity: file.name, files: [{ ...file, tag: "file" }] };
  }
}
