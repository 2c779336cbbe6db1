/** Places in a program's arguments that stand for files: `{input}`, `{files}`, `{output}`. Touches no file. */
import { type InputFile, type ParamProblem, tagMatches } from "dag-cook";

/** What the places stand for; paths are absolute but for `output`, which is relative to `directory`. */
export interface Places {
  readonly inputs: readonly InputFile[];
  readonly files: readonly string[];
  readonly output: string | null;
  readonly directory: string;
}

// `${NAME}` is the graph's; any other text in braces is the program's.
const PLACE = /(?<!\$)\{(inputs|input|files|file|output|directory)(?:([.:])([^{}]*))?\}/g;

/** A file attribute is known by its place in the graph or the working folder: paths of this machine decide nothing. */
const FILE_TEXT = /(^|=)\$(HIP|JOB)(\/|$)/;

/**
 * The arguments with their places filled in. An argument that is `{inputs}` or `{files}` becomes as many as there are
 * files. Throws with a message for the user where an input has no such file, or an argument is the text of a file attribute.
 */
export function fillPlaces(args: readonly string[], places: Places): readonly string[] {
  return args.flatMap((argument) => {
    if (FILE_TEXT.test(argument)) {
      throw new Error(
        `"${argument}" is the text of a file attribute, and no path of this machine: put "@name" into "files" and "{file.0}" here, so that its content counts, too.`,
      );
    }
    const several = /^\{(inputs|files)(?::([^{}]*))?\}$/.exec(argument);
    if (several === null) return [argument.replace(PLACE, (text, ...groups) => placeText(text, groups, places))];
    if (several[1] === "files") return places.files;
    return inputsTagged(places, several[2]).map(({ path }) => path);
  });
}

function placeText(text: string, [what, sign, which]: readonly string[], places: Places): string {
  if (what === "directory") return places.directory;
  if (what === "output") return places.output!;
  if (what === "file") return places.files[Number(which ?? 0)]!;
  const [files, place] = sign === ":" ? [inputsTagged(places, which), 0] : [places.inputs, Number(which ?? 0)];
  const file = files[place];
  if (file !== undefined) return file.path;
  const tags = places.inputs.map(({ tag }) => tag).join(", ") || "none";
  throw new Error(`There is no file for ${text}: the tags of the item's input files are ${tags}.`);
}

function inputsTagged({ inputs }: Places, tag: string | undefined): readonly InputFile[] {
  return tag === undefined ? inputs : inputs.filter((file) => tagMatches(file.tag, tag));
}

/** What is wrong with the places, as far as it is known before there are items. */
export function placeholderProblems(
  args: readonly string[],
  known: { readonly files: number; readonly output: boolean },
  param: string,
): readonly ParamProblem[] {
  return args.flatMap((argument, index) =>
    [...argument.matchAll(PLACE)].flatMap(([text, what, sign, which]) => {
      const message = problemOf(text, argument, { what: what!, sign, which }, known);
      return message === undefined ? [] : [{ param: `${param}.${index}`, message }];
    }),
  );
}

function problemOf(
  text: string,
  argument: string,
  { what, sign, which }: { what: string; sign: string | undefined; which: string | undefined },
  known: { readonly files: number; readonly output: boolean },
): string | undefined {
  if ((what === "inputs" || what === "files") && text !== argument)
    return `${text} stands for several arguments, and must be one by itself`;
  if (what === "output" && !known.output) return `${text} needs the parameter "output" to say which file it is`;
  if (sign === "." && !/^\d{1,6}$/.test(which!)) return `${text} needs a number after the dot`;
  if (sign === ":" && !/^inputs?$/.test(what)) return `${text} has a tag, which only {input:…} and {inputs:…} take`;
  if (what === "file" && Number(which ?? 0) >= known.files)
    return `${text} is none of the ${known.files} files in "files", counted from 0`;
  return undefined;
}
