/** Node type `shell`: runs a program for each item. There is no shell between: arguments are a list. */
import { defineNode, type ParamProblem } from "dag-cook";
import { cookProgram } from "./run/cook.js";
import { PROGRAM, programProblems, writtenBy } from "./run/params.js";

export default defineNode({
  description: "Runs a program for every item, with a list of arguments, in a folder of its own.",
  version: 1,
  params: {
    command: {
      type: "array",
      items: { type: "string" },
      minItems: 1,
      required: true,
      description:
        "The program and its arguments. `{input}` is the first input file's path, `{input.1}` the second's, `{input:file/image}` the first with that tag, `{inputs}` all of them; `{file.0}`, `{files}` those of `files`; `{output}`; `{directory}` where it runs. Paths are absolute; an attribute's text may begin with `-` and be taken for an option: `--` before `@name`, or `--option=@name`, keeps it a value.",
    },
    ...PROGRAM,
  },
  reaches: "programs",
  inputs: { main: { description: "Items with files for the program.", optional: true } },
  attributes: { reads: ({ reads }) => reads, writes: writtenBy },
  environment: "any",
  check: (params) => [...commandProblems(params.command), ...programProblems(params, params.command, "command")],
  async cook(item, { command, ...params }, context) {
    return cookProgram(item, item.inputs.main ?? [], command, params, context);
  },
});

// A path relative to the folder where it runs leads nowhere, and one to the graph's would not count for the result.
function commandProblems([program = ""]: readonly string[]): readonly ParamProblem[] {
  const param = "command.0";
  if (program.trim() === "") return [{ param, message: "the program has no name" }];
  if (/[/\\]/.test(program) && !/^([/\\]|[A-Za-z]:[/\\]|\{)/.test(program))
    return [{ param, message: `"${program}" is a relative path: put it into "files" and write "{file.0}"` }];
  if (/^\S+\s+\S/.test(program) && !/[/\\]/.test(program))
    return [{ param, message: `"${program}" is one word of a list: its arguments are further ones` }];
  return [];
}
