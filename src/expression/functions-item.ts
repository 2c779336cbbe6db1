/** The functions that read the work item: its attributes, input files and output files. Named and meant as in Houdini. */
import type { FunctionDefinition } from "./function.js";
import type { Environment } from "./scope.js";
import { TEXT, WHOLE } from "./typed.js";
import {
  elementType,
  type FileValue,
  isFile,
  isList,
  numberText,
  typeOf,
  type Value,
  type ValueType,
  valueText,
} from "./value.js";

/** Houdini's numbers of an attribute's type: `pdg.attribType`. */
const TYPE_NUMBERS: Readonly<Record<string, number>> = { int: 0, bool: 0, float: 1, string: 2, file: 3, dict: 4 };

/** The output files whose tag matches. */
function outputs(environment: Environment, tag: string): readonly FileValue[] {
  const all = environment.attribute("pdg_output");
  const files = all !== undefined && isList(all) ? all.filter(isFile) : [];
  return files.filter(
    ({ tag: own = "" }) => own.startsWith(tag) && (tag === "" || /^(\/|$)/.test(own.slice(tag.length))),
  );
}

type Files = (environment: Environment, tag: string) => readonly FileValue[];

/** `pdginput` and its like: one of the files, how many they are, and all as text. */
function filesOf(side: "input" | "output", files: Files): readonly FunctionDefinition[] {
  const reads = `${side}s` as const;
  return [
    {
      usage: `pdg${side}(index, tag)`,
      parameters: [WHOLE, TEXT],
      required: 1,
      result: "file",
      reads,
      apply([index, tag = ""], environment, fail) {
        const prefix = valueText(tag)!;
        const all = files(environment, prefix);
        const kind = prefix === "" ? `${side} files` : `${side} files with tag "${prefix}"`;
        const place = valueText(index!);
        return all[index as number] ?? fail(`There is no ${side} file ${place}: this item has ${all.length} ${kind}.`);
      },
    },
    {
      usage: `pdg${side}size(tag)`,
      parameters: [TEXT],
      required: 0,
      result: "int",
      reads,
      apply: ([tag = ""], environment) => files(environment, valueText(tag)!).length,
    },
    {
      usage: `pdg${side}vals(tag)`,
      parameters: [TEXT],
      required: 0,
      result: "string",
      reads,
      apply: ([tag = ""], environment) => quoted(files(environment, valueText(tag)!)),
    },
  ];
}

/** Values with a space between them; those with spaces of their own in quotes, as Houdini writes them. */
function quoted(values: readonly Value[]): string {
  const texts = values.map((value) => valueText(value) ?? "");
  return texts.map((text) => (/\s/.test(text) || text === "" ? `"${text}"` : text)).join(" ");
}

function allOf(value: Value | undefined): readonly Value[] {
  if (value === undefined) return [];
  return isList(value) ? value : [value];
}

/** The value at an index of an attribute: all indices but 0 need a list. */
function valueAt(
  usage: string,
  result: FunctionDefinition["result"],
  change: (value: Value) => Value,
): FunctionDefinition {
  return {
    usage,
    parameters: [["string"], WHOLE],
    required: 1,
    result,
    reads: "attribute",
    apply([name, index = 0], environment, fail) {
      const values = allOf(environment.attribute(name as string));
      const found = values[index as number];
      if (found !== undefined) return change(found);
      return fail(
        `"${name as string}" has no index ${numberText(index as number)}: it has ${values.length} values in this item.`,
      );
    },
  };
}

const PLURAL: Readonly<Partial<Record<ValueType, ValueType>>> = {
  int: "int[]",
  float: "float[]",
  string: "string[]",
  file: "file[]",
};

export const ITEM_FUNCTIONS: readonly FunctionDefinition[] = [
  ...filesOf("input", (environment, tag) => environment.inputs(tag)),
  ...filesOf("output", outputs),
  valueAt(
    "pdgattrib(name, index)",
    (_, read) => elementType(read ?? "any"),
    (value) => value,
  ),
  valueAt("pdgattribs(name, index)", "string", (value) => valueText(value) ?? JSON.stringify(value)),
  {
    usage: "pdgattribvals(name)",
    parameters: [["string"]],
    result: "string",
    reads: "attribute",
    apply: ([name], environment) => quoted(allOf(environment.attribute(name as string))),
  },
  {
    usage: "values(name)",
    parameters: [["string"]],
    result: (_, read = "any") => PLURAL[read] ?? (read.endsWith("[]") ? read : "any"),
    reads: "attribute",
    apply([name], environment, fail) {
      const value = environment.attribute(name as string);
      return value === undefined ? fail(`This item has no attribute "${name as string}".`) : allOf(value);
    },
  },
  {
    usage: "pdgattribsize(name)",
    parameters: [["string"]],
    result: "int",
    reads: "attribute",
    apply: ([name], environment) => allOf(environment.attribute(name as string)).length,
  },
  {
    usage: "pdgattribtype(name)",
    parameters: [["string"]],
    result: "int",
    reads: "presence",
    apply([name], environment) {
      const value = environment.attribute(name as string);
      return value === undefined ? -1 : (TYPE_NUMBERS[elementType(typeOf(value))] ?? -1);
    },
  },
  {
    usage: "haspdgattrib(name)",
    parameters: [["string"]],
    result: "bool",
    reads: "presence",
    apply: ([name], environment) => environment.attribute(name as string) !== undefined,
  },
];
