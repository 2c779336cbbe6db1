/**
 * Node type `environment_edit`: variables in the environment of the work below. Knows no programs: a variable is an attribute
 * that is exported, so it is inherited, shown and counted like any other.
 */
import { defineNode, type ParamProblem, type UpstreamItem } from "dag-cook";
import { ATTRIBUTE_NAME } from "./typed/names.js";

interface Edit {
  readonly name: string;
  readonly value: string;
  readonly operation: "set" | "prepend" | "append";
}

export default defineNode({
  description: "Sets, extends and takes away variables in the environment of the programs that items below start.",
  version: 1,
  params: {
    variables: {
      type: "array",
      default: [],
      description: "Variables to set, in order. Each is an attribute of its name, too.",
      items: {
        type: "object",
        properties: {
          name: { ...ATTRIBUTE_NAME, required: true, description: "Name of the variable." },
          value: { type: "string", required: true, description: "Its value, a template for each upstream item." },
          operation: {
            type: "string",
            enum: ["set", "prepend", "append"],
            default: "set",
            description: "Whether it replaces what a node above has set, or is put before or after that.",
          },
        },
      },
    },
    separator: { type: "string", default: ":", description: "Stands between what was there and what is put to it." },
    unset: {
      type: "array",
      items: ATTRIBUTE_NAME,
      uniqueItems: true,
      default: [],
      description: "Variables that nodes above have set and that the work below does not get.",
    },
  },
  attributes: {
    reads: ({ variables }) => variables.filter(({ operation }) => operation !== "set").map(({ name }) => name),
    writes: ({ variables }) => Object.fromEntries(variables.map(({ name }) => [name, "string" as const])),
    flags: ({ variables }) => Object.fromEntries(variables.map(({ name }) => [name, { env_export: true }])),
    removes: ({ unset }) => unset,
  },
  check: ({ variables, unset }) => problemsOf(variables, unset),
  *generate([upstream], { variables, separator, unset }) {
    const set = new Map<string, string>();
    for (const edit of variables) set.set(edit.name, edited(edit, set.get(edit.name), upstream, separator));
    yield { identity: null, attributes: Object.fromEntries(set), removes: unset };
  },
});

function edited(
  { name, value, operation }: Edit,
  earlier: string | undefined,
  upstream: UpstreamItem | undefined,
  separator: string,
): string {
  const before = earlier ?? upstream?.attribute(name);
  if (operation === "set" || before === undefined || before === "") return value;
  if (typeof before === "object")
    throw new Error(`${upstream!.name} has a list as "${name}", to which nothing can be put`);
  return operation === "append" ? `${before}${separator}${value}` : `${value}${separator}${before}`;
}

function problemsOf(variables: readonly Edit[], unset: readonly string[]): readonly ParamProblem[] {
  return [
    ...variables.flatMap(({ name, value }, index) => {
      const at = `variables.${index}`;
      if (value.includes("\0")) return [{ param: `${at}.value`, message: "a variable cannot hold a NUL character" }];
      return variables.findIndex((other) => other.name === name) < index && variables[index]!.operation === "set"
        ? [{ param: `${at}.name`, message: `"${name}" is set already` }]
        : [];
    }),
    ...unset.flatMap((name, index) =>
      variables.some((each) => each.name === name)
        ? [{ param: `unset.${index}`, message: `"${name}" is set, and cannot be taken away as well` }]
        : [],
    ),
  ];
}
