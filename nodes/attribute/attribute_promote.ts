/** Node type `attribute_promote`: what an item has beside attributes, as attributes. Knows no values' meaning. */
import { defineNode, type ParamProblem, tagMatches, type UpstreamItem } from "dag-cook";
import { ATTRIBUTE_NAME } from "./typed/names.js";
import type { Value } from "./typed/order.js";

interface Promotion {
  readonly from: "index" | "name" | "files";
  readonly into: string;
  readonly tag: string;
}

const TYPES = { index: "int", name: "string", files: "file[]" } as const;

export default defineNode({
  description: "Makes attributes of an item's index, its name, or the files that it offers.",
  version: 1,
  params: {
    promotions: {
      type: "array",
      required: true,
      minItems: 1,
      description: "What becomes an attribute.",
      items: {
        type: "object",
        properties: {
          from: {
            type: "string",
            enum: ["index", "name", "files"],
            required: true,
            description: "The item's place in its node, from 0, its name, or its files, for which its cook is awaited.",
          },
          into: { ...ATTRIBUTE_NAME, required: true, description: "Name of the attribute." },
          tag: {
            type: "string",
            template: false,
            default: "",
            description: "Of `files`: those with this tag or one below it; empty: all.",
          },
        },
      },
    },
  },
  inputs: { main: { description: "Work items." } },
  attributes: {
    reads: ({ promotions }) => (promotions.some(({ from }) => from === "files") ? ["pdg_output"] : []),
    writes: ({ promotions }) => Object.fromEntries(promotions.map(({ from, into }) => [into, TYPES[from]])),
  },
  check: ({ promotions }) => problemsOf(promotions),
  *generate([upstream], { promotions }) {
    if (upstream === undefined) return;
    yield {
      identity: null,
      attributes: Object.fromEntries(promotions.map((each) => [each.into, promoted(upstream, each)])),
    };
  },
});

function promoted(item: UpstreamItem, { from, tag }: Promotion): Value {
  if (from !== "files") return item[from];
  const files = item.offered().filter((file) => tagMatches(file.tag, tag));
  return files.map(({ name, digest, tag: own }) => ({ $file: name, digest, tag: own }));
}

function problemsOf(promotions: readonly Promotion[]): readonly ParamProblem[] {
  return promotions.flatMap(({ into }, index) =>
    promotions.findIndex((other) => other.into === into) < index
      ? [{ param: `promotions.${index}.into`, message: `"${into}" is set twice` }]
      : [],
  );
}
