/** Node type `attribute_from_string`: the parts of a text as attributes. Knows nothing of what they mean. */
import { defineNode, type ParamProblem } from "dag-cook";
import { ATTRIBUTE_NAME } from "./typed/names.js";
import { groupsOf, type Parts, partsByPattern, partsBySeparator, patternProblem } from "./typed/text-parts.js";
import { misfit, SPELLED_TYPES, type SpelledType, typedValue } from "./typed/value.js";

interface Taken {
  readonly name: string;
  readonly type: SpelledType;
  readonly part: number | null;
  readonly group: string | null;
}

interface Params {
  readonly text: string;
  readonly separator: string | null;
  readonly pattern: string | null;
  readonly attributes: readonly Taken[];
  readonly list: string | null;
  readonly missing: "fail" | "ignore";
}

export default defineNode({
  description: "Takes a text apart, at a separator or by a regular expression, and makes attributes of its parts.",
  version: 1,
  params: {
    text: {
      type: "string",
      required: true,
      description: "The text: `@filename`, or an expression, `` `stem(@pdg_input)` ``.",
    },
    separator: {
      type: ["string", "null"],
      default: null,
      minLength: 1,
      template: false,
      description: "What stands between the parts. Without it and without a pattern: any spaces.",
    },
    pattern: {
      type: ["string", "null"],
      default: null,
      minLength: 1,
      maxLength: 1000,
      template: false,
      description:
        "Instead of a separator, a regular expression in RE2's syntax, which may fit anywhere in the text: `^` and `$` hold it at the ends. Each named group, `(?P<version>\\d+)`, is an attribute.",
    },
    attributes: {
      type: "array",
      default: [],
      description:
        "The attributes. By a separator: of the parts in order, where an entry names no other. By a pattern: those of its named groups that are not text, or have another name than their group.",
      items: {
        type: "object",
        properties: {
          name: { ...ATTRIBUTE_NAME, required: true, description: "Name of the attribute." },
          type: {
            type: "string",
            enum: SPELLED_TYPES,
            default: "string",
            description: "Type that the part is read as.",
          },
          part: {
            type: ["integer", "null"],
            default: null,
            description: "Place of the part, from 0; below 0 from the end. Without it: the entry's own place.",
          },
          group: {
            type: ["string", "null"],
            default: null,
            template: false,
            description: "Name of the pattern's group. Without it: the attribute's name.",
          },
        },
      },
    },
    list: {
      type: ["string", "null"],
      default: null,
      pattern: ATTRIBUTE_NAME.pattern,
      template: false,
      description: "Name of an attribute that gets all parts as a list of text; by a pattern, all its groups in order.",
    },
    missing: {
      type: "string",
      enum: ["fail", "ignore"],
      default: "fail",
      description:
        "What becomes of an item whose text has no such part, or does not fit the pattern: it fails, or goes on without the attribute.",
    },
  },
  inputs: { main: { description: "Work items whose text is taken apart." } },
  attributes: {
    writes: (params) => {
      const { list } = params as Params;
      const types = takenOf(params as Params).map(({ name, type }) => [name, type] as const);
      return Object.fromEntries([...types, ...(list === null ? [] : [[list, "string[]"] as const])]);
    },
  },
  check: (params) => problemsOf(params as Params),
  *generate([upstream], given) {
    if (upstream === undefined) return;
    const params = given as Params;
    const parts = partsOf(params);
    const attributes: Record<string, string | number | boolean | readonly string[]> = {};
    for (const taken of takenOf(params)) {
      const value = partValue(parts, taken, params);
      if (value !== undefined) attributes[taken.name] = value;
    }
    if (params.list !== null && parts !== undefined) attributes[params.list] = parts.all;
    yield { identity: null, attributes };
  },
});

/** Undefined: the text does not fit the pattern, and that is no matter. */
function partsOf({ text, separator, pattern, missing }: Params): Parts | undefined {
  if (pattern === null) return partsBySeparator(text, separator);
  const parts = partsByPattern(text, pattern);
  if (parts === undefined && missing === "fail")
    throw new Error(`${JSON.stringify(text)} does not fit the pattern ${JSON.stringify(pattern)}.`);
  return parts;
}

function partValue(
  parts: Parts | undefined,
  taken: Taken,
  { text, missing }: Params,
): string | number | boolean | undefined {
  if (parts === undefined) return undefined;
  const part = taken.group === null ? parts.all.at(taken.part!) : parts.byName[taken.group];
  const which = taken.group === null ? `part ${taken.part}` : `text in the group "${taken.group}"`;
  if (part === undefined && missing === "ignore") return undefined;
  if (part === undefined) throw new Error(`${JSON.stringify(text)} has no ${which} for "${taken.name}".`);
  const value = typedValue(part, taken.type);
  if (value === undefined)
    throw new Error(`"${taken.name}": ${misfit(part, taken.type)} (in ${JSON.stringify(text)}).`);
  return value;
}

/** The attributes with the place or the group of each; groups that no entry names are text under their own names. */
function takenOf({ pattern, attributes }: Params): readonly Taken[] {
  if (pattern === null) return attributes.map((each, index) => ({ ...each, part: each.part ?? index, group: null }));
  const named = attributes.map((each) => ({ ...each, group: each.part === null ? (each.group ?? each.name) : null }));
  const others = groupsOf(pattern).filter((group) => !named.some((each) => each.group === group));
  return [...named, ...others.map((name) => ({ name, type: "string" as const, part: null, group: name }))];
}

function problemsOf(params: Params): readonly ParamProblem[] {
  const { pattern, separator, attributes, list } = params;
  if (pattern !== null && separator !== null)
    return [{ param: "separator", message: 'there is a "pattern": only one of both takes the text apart' }];
  const wrong = pattern === null ? undefined : patternProblem(pattern);
  if (wrong !== undefined) return [{ param: "pattern", message: wrong }];
  const groups = pattern === null ? [] : groupsOf(pattern);
  const names = [...takenOf(params).map(({ name }) => name), ...(list === null ? [] : [list])];
  if (names.length === 0)
    return [
      { param: pattern === null ? "attributes" : "pattern", message: "no part gets a name: no attribute is made" },
    ];
  return attributes.flatMap((each, index) => entryProblems(each, `attributes.${index}`, pattern, groups, names));
}

function entryProblems(
  { name, part, group }: Taken,
  at: string,
  pattern: string | null,
  groups: readonly string[],
  names: readonly string[],
): readonly ParamProblem[] {
  const problems: ParamProblem[] = [];
  if (names.indexOf(name) !== names.lastIndexOf(name))
    problems.push({ param: `${at}.name`, message: `"${name}" is set twice` });
  if (pattern === null && group !== null) problems.push({ param: `${at}.group`, message: 'groups are of a "pattern"' });
  if (pattern !== null && part === null && !groups.includes(group ?? name)) {
    const known = groups.length === 0 ? "it has no named groups" : `it has ${groups.join(", ")}`;
    const param = `${at}.${group === null ? "name" : "group"}`;
    problems.push({ param, message: `the pattern has no group "${group ?? name}": ${known}` });
  }
  return problems;
}
