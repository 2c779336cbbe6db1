/** Attributes from the parts of a file's name: `{asset}_{map}.{frame:int}.png`. Knows no files. */
import type { ParamProblem } from "dag-cook";

/** The parameter that says what names are made of. */
export const NAME_PARTS = {
  type: "string",
  default: "",
  template: false,
  description:
    "What file names are made of, such as `{asset}_{map}.{frame:int}.png`: each part in braces becomes an attribute, a string or a whole number. A part goes to the first place where the text after it stands, the last one to the end. A file that is not made so fails the node; `pattern` leaves files out. With a `/` it is the path below the folder.",
} as const;

interface Part {
  readonly name: string;
  readonly whole: boolean;
  /** What stands between it and the next one, or the end. */
  readonly after: string;
}

interface Parts {
  readonly before: string;
  readonly parts: readonly Part[];
}

const PLACE = /\{([A-Za-z_]\w*)(:int)?\}/g;

function parse(text: string): Parts {
  const places = [...text.matchAll(PLACE)];
  const ends = places.map((place) => place.index + place[0].length);
  const parts = places.map(([, name = "", whole], at) => {
    return { name, whole: whole !== undefined, after: text.slice(ends[at], places[at + 1]?.index) };
  });
  return { before: text.slice(0, places[0]?.index), parts };
}

/** Types of the attributes. */
export function partTypes(text: string): Readonly<Record<string, "int" | "string">> {
  return Object.fromEntries(parse(text).parts.map(({ name, whole }) => [name, whole ? "int" : "string"] as const));
}

/** What is wrong with it. `taken`: names of the attributes that items get besides. */
export function partsProblems(text: string, taken: readonly string[]): readonly ParamProblem[] {
  if (text === "") return [];
  const { before, parts } = parse(text);
  const problem = (message: string): readonly ParamProblem[] => [
    { param: "name_parts", message: `"${text}" ${message}` },
  ];
  if (parts.length === 0 || [before, ...parts.map(({ after }) => after)].some((between) => /[{}]/.test(between)))
    return problem("has a brace that is no part: write {name} or {name:int}");
  const bare = parts.find(({ after }, at) => after === "" && at < parts.length - 1);
  if (bare !== undefined) return problem(`does not say where {${bare.name}} ends: put a character after it`);
  const twice = parts.find(({ name }, at) => taken.includes(name) || parts.findIndex((one) => one.name === name) < at);
  return twice === undefined ? [] : problem(`has {${twice.name}}, a name that is taken`);
}

/** The attributes of a file by its path below the folder. Throws with a message for the user where it is not made so. */
export function partsOf(text: string, path: string): Readonly<Record<string, number | string>> {
  if (text === "") return {};
  const { before, parts } = parse(text);
  const name = text.includes("/") ? path : path.slice(path.lastIndexOf("/") + 1);
  const misfit = (why: string) => new Error(`The file "${path}" is not made of "${text}": ${why}.`);
  if (!name.startsWith(before)) throw misfit(`it does not begin with "${before}"`);
  let at = before.length;
  const found = parts.map((part, place): readonly [string, number | string] => {
    const end = place < parts.length - 1 ? name.indexOf(part.after, at) : name.length - part.after.length;
    if (end < at || !name.startsWith(part.after, end)) throw misfit(`no "${part.after}" follows {${part.name}}`);
    const value = name.slice(at, end);
    at = end + part.after.length;
    if (value === "") throw misfit(`{${part.name}} is empty`);
    if (part.whole && !/^-?\d{1,15}$/.test(value)) throw misfit(`"${value}" of {${part.name}} is no whole number`);
    return [part.name, part.whole ? Number(value) : value];
  });
  return Object.fromEntries(found);
}
