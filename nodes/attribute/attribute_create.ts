/** Node type `attribute_create`: sets attributes. Knows nothing of what they are for. */
import { defineNode, type ParamProblem } from "dag-cook";
import { misfit, NAME_PATTERN, SPELLED_TYPES, type Spelled, type SpelledType, typedValue } from "./typed/value.js";

interface Created {
  readonly name: string;
  readonly type: SpelledType;
  readonly array: boolean;
  readonly value: Spelled | readonly Spelled[];
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
            type: "string",
            pattern: NAME_PATTERN,
            template: false,
            required: true,
            description: "Name of the attribute, as expressions read it after `@`.",
          },
          type: { type: "string", enum: SPELLED_TYPES, default: "float", description: "Type of the value." },
          array: { type: "boolean", default: false, description: "Whether the value is a list of that type." },
          no_copy: { type: "boolean", default: false, description: "Whether items below do not inherit it." },
          env_export: {
            type: "boolean",
            default: false,
            description: "Whether it is a variable in the environment of programs that items below start.",
          },
          read_only: { type: "boolean", default: false, description: "Whether no node below may write it." },
          value: {
            type: ["number", "string", "boolean", "array"],
            items: { type: ["number", "string", "boolean"] },
            required: true,
            description: 'The value. Text is a template for each item: "`@width / 2`" gives a number.',
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

function typeName(type: SpelledType, array: boolean) {
  if (!array) return type;
  return type === "bool" ? "any" : (`${type}[]` as const);
}

function createdValue({ value, type }: Created): Spelled | readonly Spelled[] {
  return Array.isArray(value)
    ? (value as readonly Spelled[]).map((each) => typedValue(each, type)!)
    : typedValue(value as Spelled, type)!;
}

function problemsOf(attributes: readonly Created[]): readonly ParamProblem[] {
  const problems: ParamProblem[] = [];
  for (const [index, { name, type, array, value }] of attributes.entries()) {
    const at = `attributes.${index}`;
    if (attributes.findIndex((other) => other.name === name) < index) {
      problems.push({ param: `${at}.name`, message: `"${name}" is set twice` });
    }
    if (Array.isArray(value) !== array) {
      const message = array
        ? `${JSON.stringify(value)} is no list, which "array": true asks for`
        : 'a list needs "array": true';
      problems.push({ param: `${at}.value`, message });
      continue;
    }
    const wrong = [value].flat().find((each) => typedValue(each as Spelled, type) === undefined);
    if (wrong !== undefined) problems.push({ param: `${at}.value`, message: misfit(wrong as Spelled, type) });
  }
  return problems;
}
