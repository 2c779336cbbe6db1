/** Node type `attribute_randomize`: sets attributes to random numbers. Knows nothing of what they are for. */
import { defineNode, type ParamProblem, type UpstreamItem } from "dag-cook";
import { randomStream } from "dag-cook/random";
import { DISTRIBUTION, type Distribution, distributionProblems, drawn } from "./typed/distribution.js";
import { ATTRIBUTE_NAME } from "./typed/names.js";

type Randomized = Distribution & {
  readonly name: string;
  readonly type: "float" | "int";
  readonly size: number | null;
  readonly existing: "replace" | "keep";
};

export default defineNode({
  description: "Sets attributes to random numbers: an item gets the same ones whatever other items there are.",
  version: 1,
  params: {
    attributes: {
      type: "array",
      required: true,
      minItems: 1,
      description: "The attributes, each with a distribution of its own.",
      items: {
        type: "object",
        properties: {
          name: { ...ATTRIBUTE_NAME, required: true, description: "Name of the attribute." },
          type: {
            type: "string",
            enum: ["float", "int"],
            default: "float",
            description: "Whether fractions are wanted, or whole numbers.",
          },
          size: {
            type: ["integer", "null"],
            minimum: 1,
            default: null,
            description: "How many numbers, as a list; null: one, and no list.",
          },
          existing: {
            type: "string",
            enum: ["replace", "keep"],
            default: "replace",
            description: "What becomes of an attribute that an item already has.",
          },
          ...DISTRIBUTION,
        },
      },
    },
    seed: { type: "number", default: 0, description: "Other numbers for another seed; it may differ by item." },
  },
  attributes: {
    reads: ({ attributes }) => attributes.filter(({ existing }) => existing === "keep").map(({ name }) => name),
    writes: ({ attributes }) =>
      Object.fromEntries(
        attributes.map(({ name, type, size }) => [name, size === null ? type : (`${type}[]` as const)]),
      ),
  },
  check: ({ attributes }) => problemsOf(attributes),
  *generate([upstream], { attributes, seed }) {
    const kept = ({ name, existing }: Randomized) => existing === "keep" && upstream?.attribute(name) !== undefined;
    const fresh = attributes.filter((each) => !kept(each));
    yield {
      identity: null,
      attributes: Object.fromEntries(fresh.map((each) => [each.name, randomValue(each, seed, upstream)])),
    };
  },
});

function randomValue(given: Randomized, seed: number, upstream: UpstreamItem | undefined): number | readonly number[] {
  const stream = randomStream(seed, "attribute", given.name, upstream?.seed ?? 0);
  const draw = (index: number) => drawn(given, given.type === "int", stream, index);
  return given.size === null ? draw(0) : Array.from({ length: given.size }, (_, index) => draw(index));
}

function problemsOf(attributes: readonly Randomized[]): readonly ParamProblem[] {
  return attributes.flatMap((each, index) => {
    const at = `attributes.${index}`;
    const twice = attributes.findIndex(({ name }) => name === each.name) < index;
    if (twice) return [{ param: `${at}.name`, message: `"${each.name}" is set twice` }];
    const found = distributionProblems(each, each.type === "int");
    return found.map(({ param, message }) => ({ param: `${at}.${param}`, message }));
  });
}
