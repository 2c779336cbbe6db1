/** Attributes that are files: in a key they are their content and their base name, to a cook where they lie. */
import { isAbsolute } from "node:path";
import { fileValue, isFile, isList, type Value } from "../expression/value.js";

type Values = Readonly<Record<string, Value>>;

/** Whether a path has a place: one that has none, such as the bare name of a file in the store, is a name. */
function isPlaced(path: string): boolean {
  return /^\$(HIP|JOB)([/\\]|$)/.test(path) || isAbsolute(path);
}

/** Paths of the files among some values whose content is not known. */
export function filesWithoutValue(values: Values): string[] {
  const found: string[] = [];
  const look = (value: Value): void => {
    if (isList(value)) value.forEach(look);
    else if (typeof value === "object" && isFile(value) && value.digest === undefined && isPlaced(value.$file))
      found.push(value.$file);
  };
  for (const name in values) if (typeof values[name] === "object") look(values[name]);
  return found;
}

/** Values as they decide a cook. `digests`: of files whose content was looked up. */
export function keyed(values: Values, digests: ReadonlyMap<string, string>): Record<string, Value> {
  return mapped(values, ({ $file, digest = digests.get($file), tag }) => {
    const name = $file.slice(Math.max($file.lastIndexOf("/"), $file.lastIndexOf("\\")) + 1);
    return fileValue(name, { ...(digest !== undefined && { digest }), ...(tag !== undefined && { tag }) });
  });
}

/** Values as a cook sees them: files with their absolute paths. */
export function placed(values: Values, resolve: (symbolic: string) => string): Record<string, Value> {
  return mapped(values, (file) => ({ ...file, $file: isPlaced(file.$file) ? resolve(file.$file) : file.$file }));
}

function mapped(values: Values, change: (file: ReturnType<typeof fileValue>) => Value): Record<string, Value> {
  const one = (value: Value): Value => {
    if (typeof value !== "object") return value;
    if (isList(value)) return value.map(one);
    return isFile(value) ? change(value) : value;
  };
  const result: Record<string, Value> = {};
  for (const name in values) result[name] = one(values[name] as Value);
  return result;
}
