/**
 * Node type `work_item_expand`: items for the parts of what an item has: a list that is an attribute, its files, or the
 * members of a partition. Knows nothing of what the parts mean.
 */
import { defineNode, type GeneratedItem, type Json, type ParamProblem, tagMatches, type UpstreamItem } from "dag-cook";
import { lacking, MAYBE_ATTRIBUTE_NAME, MAYBE_UPSTREAM_ATTRIBUTE } from "../attribute/typed/names.js";
import type { Value } from "../attribute/typed/order.js";
import { inCount, inSizes } from "../attribute/typed/parts.js";
import { Repeats } from "../attribute/typed/repeats.js";

type Expansion = "one_to_one" | "size" | "count" | "first" | "last";
type What = "attribute" | "files" | "members";

export default defineNode({
  description:
    "Makes items from the parts of each upstream item: a list's elements, its files, or a partition's members.",
  version: 1,
  params: {
    of: {
      type: "string",
      enum: ["attribute", "files", "members"],
      default: "attribute",
      description:
        "What is expanded: a list that is an attribute; the files that an item offers, for whose cook is waited; or the members of a partition, whose items are then made from them.",
    },
    attribute: {
      ...MAYBE_UPSTREAM_ATTRIBUTE,
      default: "",
      description: "With `attribute`: the one that holds the list; one value is a list, too.",
    },
    tag: {
      type: "string",
      template: false,
      default: "",
      description: "With `files`: those with this tag or one below it; empty: all.",
    },
    expansion: {
      type: "string",
      enum: ["one_to_one", "size", "count", "first", "last"],
      default: "one_to_one",
      description:
        "An item for each part; for every `number` parts, the last item having fewer; `number` items with as many parts as can be, larger ones first; or for each of the first or last `number` parts.",
    },
    number: { type: "integer", minimum: 1, default: 1, description: "How many; not used by `one_to_one`." },
    value: {
      ...MAYBE_ATTRIBUTE_NAME,
      default: "expandvalue",
      description:
        "With `attribute`: the one that gets an item's element, with `size` and `count` a list; empty: none does.",
    },
    missing: {
      type: "string",
      enum: ["fail", "leave_out"],
      default: "fail",
      description: "What becomes of upstream items without the attribute, or without a file.",
    },
  },
  inputs: { main: { description: "Work items to expand." } },
  attributes: {
    reads: ({ of, attribute }) => (of === "files" ? ["pdg_output"] : attribute === "" ? [] : [attribute]),
    needs: ({ of, attribute, missing }) => (of === "attribute" && missing === "fail" ? [attribute] : []),
    writes: ({ of, value }) => ({
      expandsize: "int" as const,
      ...(of === "attribute" && value !== "" && { [value]: "any" as const }),
    }),
  },
  check: ({ of, attribute }) => ofProblems(of, attribute),
  together: ({ of }) => of === "members",
  *generate(upstream, params) {
    const { of, attribute, tag, expansion, number, value, missing } = params;
    for (const item of upstream) {
      if (of === "members") yield* ofMembers(partsOf(item.grouped(), expansion, number));
      else if (of === "files") {
        const files = item.offered().filter((file) => tagMatches(file.tag, tag));
        if (files.length === 0 && missing === "fail")
          throw new Error(
            `${item.name} has no file${tag === "" ? "" : ` tagged "${tag}"`}; "missing" can leave it out`,
          );
        yield* ofFiles(partsOf(files, expansion, number));
      } else {
        const found = item.attribute(attribute);
        if (found === undefined && missing === "leave_out") continue;
        if (found === undefined)
          throw new Error(`${lacking(item, attribute)}; "missing" can say what becomes of such items`);
        const elements = Array.isArray(found) ? (found as readonly Value[]) : [found];
        yield* ofElements(partsOf(elements, expansion, number), expansion === "size" || expansion === "count", value);
      }
    }
  },
});

/** Items of members: made from them, so that these tell them apart. */
function* ofMembers(parts: readonly (readonly UpstreamItem[])[]): Generator<GeneratedItem> {
  for (const part of parts) yield { identity: "members", upstream: part, attributes: { expandsize: part.length } };
}

type File = ReturnType<UpstreamItem["offered"]>[number];

function* ofFiles(parts: readonly (readonly File[])[]): Generator<GeneratedItem> {
  const repeats = new Repeats();
  for (const files of parts) {
    yield {
      identity: identityOf({ files: files.map(({ name, tag }) => ({ name, tag })) }, repeats),
      label: files.map(({ name }) => name).join(", "),
      files,
      attributes: { expandsize: files.length },
    };
  }
}

function* ofElements(parts: readonly (readonly Value[])[], lists: boolean, into: string): Generator<GeneratedItem> {
  const repeats = new Repeats();
  for (const part of parts) {
    const own = lists ? part : part[0]!;
    const attributes = { expandsize: part.length, ...(into === "" ? {} : { [into]: own }) };
    yield { identity: identityOf({ value: own as Json }, repeats), attributes };
  }
}

/** What a part holds; only equal parts of one item are told apart by a number. */
function identityOf(part: Readonly<Record<string, Json>>, repeats: Repeats): Json {
  const repeat = repeats.before(part);
  return repeat === 0 ? part : { ...part, repeat };
}

function partsOf<T>(parts: readonly T[], expansion: Expansion, number: number): readonly (readonly T[])[] {
  const single = (some: readonly T[]) => some.map((part) => [part]);
  if (expansion === "one_to_one") return single(parts);
  if (expansion === "first") return single(parts.slice(0, number));
  if (expansion === "last") return single(parts.slice(-number));
  return expansion === "count" ? inCount(parts, number) : inSizes(parts, number);
}

function ofProblems(of: What, attribute: string): readonly ParamProblem[] {
  if ((of === "attribute") === (attribute !== "")) return [];
  return of === "attribute"
    ? [{ param: "attribute", message: 'it must be named, or "of" say what else is expanded' }]
    : [{ param: "attribute", message: `it counts only with "of": "attribute"` }];
}
