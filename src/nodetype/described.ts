/**
 * The JSON file that describes a node type of another language, as the module that exports it. Checks the description's own
 * shape; what the program does is for the cook to see.
 */
import { findNodeAtLocation, getNodeValue, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { nearest } from "../base/suggest.js";
import { faultAt } from "./fault.js";

const KEYS = [
  "$schema",
  "description",
  "version",
  "command",
  "files",
  "params",
  "inputs",
  "meet",
  "attributes",
  "slots",
  "seeded",
  "cache",
];
const TYPES = ["integer", "number", "string", "boolean", "array", "object", "null"];

/** Whether a JSON file describes a node type: it names a command. By the words alone, as it may be broken. */
export function describesNode(text: string): boolean {
  return /"command"\s*:/.test(text);
}

/** JavaScript whose default export is the node type. Throws a NodeFileError with the place of what is wrong. */
export function moduleOf(text: string, file: string): string {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined)
    throw faultAt(file, text, error.offset, `this is not JSON (${printParseErrorCode(error.error)})`);
  const fail = (at: readonly (string | number)[], message: string): never => {
    const node = tree && findNodeAtLocation(tree, [...at]);
    throw faultAt(file, text, node?.offset ?? 0, message);
  };
  if (tree?.type !== "object") return fail([], "a node type is described by an object");
  for (const { children: [key] = [] } of tree.children ?? []) {
    const name = String(key?.value);
    if (KEYS.includes(name)) continue;
    const hint = nearest(name, KEYS);
    throw faultAt(
      file,
      text,
      key?.offset ?? 0,
      `it has "${name}"${hint === undefined ? "" : ` (is "${hint}" meant?)`}`,
    );
  }
  const described = getNodeValue(tree) as Record<string, unknown>;
  const { description, version, command, files = [], params } = described;
  if (typeof description !== "string") fail(["description"], '"description" is a sentence');
  if (!Number.isInteger(version) || Number(version) < 1) fail(["version"], '"version" is a whole number from 1');
  if (!isWords(command) || command.length === 0)
    fail(["command"], '"command" is a list: the program and its arguments');
  if (!isWords(files)) fail(["files"], '"files" is a list of paths');
  if (typeof params !== "object" || params === null) fail(["params"], '"params" is an object of schemas');
  checkParams(params as Record<string, unknown>, fail);
  const beside = [...(command as string[]), ...(files as string[])].filter((word) => /^\.{1,2}\//.test(word));
  const urls = [...new Set(beside)].map(
    (path) => `  ${JSON.stringify(path)}: new URL(${JSON.stringify(path)}, import.meta.url),\n`,
  );
  return `import { externalNode } from "dag-cook/external";\nexport default externalNode(${JSON.stringify(described)}, {\n${urls.join("")}});\n`;
}

type Fail = (at: readonly (string | number)[], message: string) => never;

function checkParams(params: Readonly<Record<string, unknown>>, fail: Fail): void {
  for (const [name, schema] of Object.entries(params)) {
    const { type, description } = Object(schema) as { type?: unknown; description?: unknown };
    const types = Array.isArray(type) ? type : [type];
    if (!types.every((each) => TYPES.includes(each as string)))
      fail(["params", name], `the type of parameter "${name}" is one or several of ${TYPES.join(", ")}`);
    if (typeof description !== "string") fail(["params", name], `the parameter "${name}" has no "description"`);
  }
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((word) => typeof word === "string");
}
