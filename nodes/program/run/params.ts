/** The parameters of every node type that runs a program, and what is wrong with them. Runs nothing. */
import type { ParamProblem, ParamSchemas, ParamValues } from "dag-cook";
import { ATTRIBUTE_NAME, UPSTREAM_ATTRIBUTE } from "../../attribute/typed/names.js";
import { tagSchema } from "../../file/made/tag.js";
import { placeholderProblems } from "./placeholders.js";

const CODES = { type: "array", items: { type: "integer", minimum: 0, maximum: 255 }, uniqueItems: true } as const;

export const PROGRAM = {
  files: {
    type: "array",
    items: { type: "string", path: "input" },
    default: [],
    description: "Files that the program reads beside its inputs: `{file.0}`, `{files}`. Their content counts.",
  },
  environment: {
    type: "array",
    default: [],
    description:
      "Variables that the program gets beside those that the graph sets (`env`, `environment_edit`) and what every program needs (PATH, HOME, language, folders for temporary files): nothing else of the environment of `dag` reaches it.",
    items: {
      type: "object",
      properties: {
        name: { ...ATTRIBUTE_NAME, required: true, description: "Name of the variable." },
        value: {
          type: ["string", "null"],
          default: null,
          description: "Its value, a template (`$NAME` is that of `dag`); null: the program does not get it.",
        },
      },
    },
  },
  reads: {
    type: "array",
    items: UPSTREAM_ATTRIBUTE,
    uniqueItems: true,
    default: [],
    description:
      "Attributes that the program finds in the JSON file that the variable `DAG_ITEM` names, with the inputs' files.",
  },
  writes: {
    type: "array",
    default: [],
    description:
      "Attributes that the program writes, as a JSON object, to the file that the variable `DAG_RESULT` names.",
    items: {
      type: "object",
      properties: {
        name: { ...ATTRIBUTE_NAME, required: true, description: "Name of the attribute." },
        type: {
          type: "string",
          enum: ["int", "float", "string", "bool", "dict", "int[]", "float[]", "string[]", "any"],
          default: "any",
          description: "Type of the value.",
        },
      },
    },
  },
  output: {
    type: ["string", "null"],
    path: "output",
    default: null,
    description: "The file that is made, `{output}` in arguments; where it is put. It must be there in the end.",
  },
  output_tag: tagSchema("that file"),
  outputs: {
    type: "array",
    default: [],
    description: "Further files that are made, which stay in the store.",
    items: {
      type: "object",
      properties: {
        path: {
          type: "string",
          required: true,
          minLength: 1,
          description: "Path in the folder where the program runs; a glob such as `frames/*.png` takes all that fit.",
        },
        tag: tagSchema("each of them"),
        required: { type: "boolean", default: true, description: "Whether it is a failure that there is none." },
      },
    },
  },
  pass_inputs: {
    type: "boolean",
    default: false,
    description:
      "Whether the item hands on the files that it got, before those that it made: a program that writes attributes alone makes none.",
  },
  stdout: {
    type: "string",
    enum: ["log", "output", "attribute"],
    default: "log",
    description:
      "Where the program's standard output goes: to the log, into the file `output`, or into the attribute `stdout` (without spaces at its ends, 64 KiB at most).",
  },
  success_codes: { ...CODES, minItems: 1, default: [0], description: "Exit codes that mean success." },
  warning_codes: { ...CODES, default: [], description: "Exit codes that mean success with a warning." },
} as const satisfies ParamSchemas;

export type Program = ParamValues<typeof PROGRAM>;

export function writtenBy({ writes, stdout }: Program) {
  const own = { exit_code: "int" as const, ...(stdout === "attribute" && { stdout: "string" as const }) };
  return { ...own, ...Object.fromEntries(writes.map(({ name, type }) => [name, type] as const)) };
}

/** What is wrong with the parameters; `args`: the words that the program is given, in the parameter `of`. */
export function programProblems(params: Program, args: readonly string[], of: string): readonly ParamProblem[] {
  const { environment, stdout, output, outputs, files, success_codes, warning_codes, writes } = params;
  const problems: ParamProblem[] = [
    ...twice("environment", environment),
    ...twice("writes", writes),
    ...placeholderProblems(args, { files: files.length, output: output !== null }, of),
  ];
  if (stdout === "output" && output === null)
    problems.push({ param: "stdout", message: '"output" needs the parameter "output" to say which file it is' });
  const both = success_codes.find((code) => warning_codes.includes(code));
  if (both !== undefined) problems.push({ param: "warning_codes", message: `${both} is among "success_codes" too` });
  for (const [index, { path }] of outputs.entries()) {
    if (/^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)|\0/.test(path))
      problems.push({ param: `outputs.${index}.path`, message: `"${path}" leaves the folder where the program runs` });
  }
  return problems;
}

function twice(param: string, named: readonly { readonly name: string }[]): readonly ParamProblem[] {
  return named.flatMap(({ name }, index) =>
    named.findIndex((other) => other.name === name) < index
      ? [{ param: `${param}.${index}.name`, message: `"${name}" is given twice` }]
      : [],
  );
}
