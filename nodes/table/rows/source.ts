/** Where tables come from: one file, or the files of the upstream item. Knows no formats. */
import { type DiscoverContext, type Json, type ParamSchemas, type ParamValues, tagMatches } from "dag-cook";
import type { Table } from "./columns.js";

/** The parameters; `what`: the file in words. */
export function sourceOf(what: string) {
  return {
    file: {
      type: ["string", "null"],
      path: "input",
      upstream: true,
      default: null,
      description: `${what} Without it, the files of the upstream item are read, once it is cooked.`,
    },
    tag: {
      type: "string",
      template: false,
      default: "",
      description: "Of the upstream item: files with this tag or one below it; empty: all.",
    },
  } as const satisfies ParamSchemas;
}

type Source = ParamValues<ReturnType<typeof sourceOf>>;

/** The table in each of the files. Rejects with a message for the user that begins with the file. */
export async function tablesIn<F extends Json>(
  { file, tag }: Source,
  context: DiscoverContext,
  look: (path: string, form: F) => Promise<Table>,
  form: F,
): Promise<readonly Table[]> {
  const files =
    file === null ? (context.upstream ?? []).filter((one) => tagMatches(one.tag, tag)) : [await context.read(file)];
  if (files.length === 0)
    throw new Error(
      `The upstream item has no file${tag === "" ? "" : ` tagged "${tag}"`}; its files are tagged ${tagsOf(context)}`,
    );
  const tables: Table[] = [];
  for (const one of files) {
    try {
      tables.push(await context.probe(one, look, form));
    } catch (cause) {
      throw new Error(`${file ?? one.name}: ${(cause as Error).message}`, { cause });
    }
  }
  return tables;
}

function tagsOf({ upstream = [] }: DiscoverContext): string {
  return upstream.map(({ tag }) => tag).join(", ") || "not there";
}
