/** Node type `attribute_create`: sets attributes. Knows nothing of what they are for. */
import { defineNode, type ParamProblem } from "dag-cook";
import { ATTRIBUTE_NAME } from "./typed/names.js";
import type { Value } from "./typed/order.js";
import { misfit, SPELLED_TYPES, type Spelled, type SpelledType, typedValue } from "./typed/value.js";

const TYPES = [...SPELLED_TYPES, "file"] as const;

interface Created {
  readonly name: string;
  readonly type: (typeof TYPES)[number];
  readonly array: boolean;
  readonly value: Spelled | readonly Spelled[] | null;
  readonly files: readonly string[] | null;
}

export default defineNode({
  description: "Sets attributes on every upstream item, or on one new item where nothing is upstream.",
  version: 1,
  params: {
    attributes: {
      type: "array",
      default: [],
      description: "The attributes, each with name, type and value.",
      items: {
        type: "object",
        properties: {
          name: {
            ...ATTRIBUTE_NAME,
            required: true,
            description: "Name of the attribute, as expressions read it after `@`.",
          },
          type: { type: "string", enum: TYPES, default: "float", description: "Type of the value." },
          array: { type: "boolean", default: false, description: "Whether the value is a list of that type." },
          no_copy: { type: "boolean", default: false, description: "Whether items below do not inherit it." },
          env_export: {
            type: "boolean",
            default: false,
            description: "Whether it is a variable in the environment of programs that items below start.",
          },
          read_only: { type: "boolean", default: false, description: "Whether no node below may write it." },
          value: {
            type: ["number", "string", "boolean", "array", "null"],
            items: { type: ["number", "string", "boolean"] },
            default: null,
            description: 'The value. Text is a template for each item: "`@width / 2`" gives a number.',
          },
          files: {
            type: ["array", "null"],
            items: { type: "string", path: "input" },
            default: null,
            description: "Of the type `file`, instead of a value: the file, or with `array` the files.",
          },
        },
      },
    },
  },
  attributes: {
    writes: ({ attributes }) =>
      Object.fromEntries(
        (attributes as readonly Created[]).map(({ name, type, array }) => [name, typeName(type, array)]),
      ),
    flags: ({ attributes }) =>
      Object.fromEntries(
        attributes.map(({ name, no_copy, env_export, read_only }) => [name, { no_copy, env_export, read_only }]),
      ),
  },
  check: ({ attributes }) => problemsOf(attributes as readonly Created[]),
  *generate(_upstream, params) {
    const created = params.attributes as readonly Created[];
    const problem = problemsOf(created)[0];
    if (problem) throw new Error(`${problem.param}: ${problem.message}`);
    yield { identity: null, attributes: Object.fromEntries(created.map((each) => [each.name, createdValue(each)])) };
  },
});

function typeName(type: Created["type"], array: boolean) {
  if (!array) return type;
  return type === "bool" ? "any" : (`${type}[]` as const);
}

function createdValue({ value, type, array, files }: Created): Value {
  if (type === "file") return array ? files!.map(fileValue) : fileValue(files![0]!);
  return Array.isArray(value)
    ? (value as readonly Spelled[]).map((each) => typedValue(each, type)!)
    : typedValue(value as Spelled, type)!;
}

function fileValue(path: string): Value {
  return { $file: path };
}

function problemsOf(attributes: readonly Created[]): readonly ParamProblem[] {
  return attributes.flatMap((each, index) => {
    const at = `attributes.${index}`;
    const twice = attributes.findIndex(({ name }) => name === each.name) < index;
    return [
      ...(twice ? [{ param: `${at}.name`, message: `"${each.name}" is set twice` }] : []),
      ...(each.type === "file" ? filesProblems(each, at) : valueProblems(each, each.type, at)),
    ];
  });
}

function filesProblems({ name, array, value, files }: Created, at: string): readonly ParamProblem[] {
  if (value !== null) return [{ param: `${at}.value`, message: '"type": "file" takes "files", not a value' }];
  if (files === null) return [{ param: at, message: `"${name}" needs "files"` }];
  if (array || files.length === 1) return [];
  return [{ param: `${at}.files`, message: `${files.length} files for one value: a list needs "array": true` }];
}

function valueProblems({ name, array, value, files }: Created, type: SpelledType, at: string): readonly ParamProblem[] {
  if (files !== null) return [{ param: `${at}.files`, message: '"files" need "type": "file"' }];
  if (value === null) return [{ param: at, message: `"${name}" needs a "value"` }];
  const problem = (message: string) => [{ param: `${at}.value`, message }];
  if (Array.isArray(value) !== array)
    return problem(
      array ? `${JSON.stringify(value)} is no list, which "array": true asks for` : 'a list needs "array": true',
    );
  const wrong = [value].flat().find((each) => typedValue(each as Spelled, type) === undefined);
  return wrong === undefined ? [] : problem(misfit(wrong as Spelled, type));
}
