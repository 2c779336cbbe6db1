/** Node type `script`: runs a JavaScript or Python file for each item. Knows nothing of what it does. */
import { extname } from "node:path";
import { defineNode, type InputMember, type ParamProblem } from "dag-cook";
import { cookProgram } from "./run/cook.js";
import { PROGRAM, programProblems, writtenBy } from "./run/params.js";
import { interpreterOf } from "./venv/venv.js";

type Language = "auto" | "javascript" | "python";

export default defineNode({
  description: "Runs a JavaScript or Python file for every item, in a folder and a process of its own.",
  version: 1,
  params: {
    script: {
      type: "string",
      path: "input",
      required: true,
      description: "The file. What it imports counts for the result only where `files` has it.",
    },
    language: {
      type: "string",
      enum: ["auto", "javascript", "python"],
      default: "auto",
      description: "What it is written in; `auto`: as its extension says (.js, .mjs, .cjs; .py).",
    },
    interpreter: {
      type: "string",
      default: "python3",
      minLength: 1,
      description:
        "Python without the input `environment`: a program on the PATH. JavaScript runs in the node of `dag`.",
    },
    arguments: {
      type: "array",
      items: { type: "string" },
      default: [],
      description: "The script's arguments, with the same places as those of `shell`: `{input}`, `{output}` and so on.",
    },
    ...PROGRAM,
  },
  reaches: "programs",
  inputs: {
    main: { description: "Items with files for the script.", optional: true },
    environment: { description: "A Python environment, of `python_venv`.", optional: true },
  },
  meet: "each",
  attributes: { reads: ({ reads }) => reads, writes: writtenBy },
  environment: "any",
  check: (params) => [...languageProblems(params), ...programProblems(params, params.arguments, "arguments")],
  async cook(item, { script, language, interpreter, arguments: args, ...params }, context) {
    const python = languageOf(script, language) === "python";
    const program = python ? await pythonOf(item.inputs.environment ?? [], interpreter) : process.execPath;
    // -B: no __pycache__ beside the user's files. The script is a place too, so that no brace in its path is one.
    const words = [program, ...(python ? ["-B"] : []), `{file.${params.files.length}}`, ...args];
    const given = { ...params, files: [...params.files, script] };
    return cookProgram(item, item.inputs.main ?? [], words, given, context);
  },
});

async function pythonOf([environment]: readonly InputMember[], interpreter: string): Promise<string> {
  return environment === undefined ? interpreter : interpreterOf(environment);
}

function languageOf(script: string, language: Language): Language | undefined {
  if (language !== "auto") return language;
  const extension = extname(script).toLowerCase();
  if (extension === ".py") return "python";
  return [".js", ".mjs", ".cjs"].includes(extension) ? "javascript" : undefined;
}

function languageProblems({
  script,
  language,
  interpreter,
}: {
  script: string;
  language: Language;
  interpreter: string;
}) {
  const problems: ParamProblem[] = [];
  if (languageOf(script, language) === undefined)
    problems.push({
      param: "script",
      message: `"${script}" ends in neither .js nor .py; "language" can say what it is`,
    });
  if (/[/\\]/.test(interpreter) && !/^([/\\]|[A-Za-z]:)/.test(interpreter))
    problems.push({ param: "interpreter", message: `"${interpreter}" is a relative path; name a program on the PATH` });
  return problems;
}
