/**
 * The work of every node type that runs a program: arguments, exchange of attributes, exit code, expected files. Knows
 * nothing of what the program does. The folder where it runs is the attempt's own; what passes attributes lies outside.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  type CookContext,
  type CookedFile,
  type CookItem,
  type CookResult,
  DEEPEST_JSON,
  globMatcher,
  type InputFile,
  type InputMember,
  jsonDepth,
  jsonNumberProblem,
} from "dag-cook";
import type { Value } from "../../attribute/typed/order.js";
import { tagOf } from "../../file/made/tag.js";
import type { Program } from "./params.js";
import { fillPlaces } from "./placeholders.js";
import { runProgram } from "./run.js";

const MOST_RESULT = 16 * 2 ** 20;

/** Runs a program for an item. `words`: the program and its arguments, with places. Rejects with a message for the user. */
export async function cookProgram(
  item: CookItem,
  members: readonly InputMember[],
  words: readonly string[],
  params: Program,
  context: CookContext,
): Promise<CookResult> {
  const { directory, signal } = context;
  const exchange = await mkdtemp(join(tmpdir(), "dag-item-"));
  try {
    const files = { item: join(exchange, "item.json"), result: join(exchange, "result.json") };
    await writeFile(files.item, itemText(item, members, params, directory));
    if (params.output !== null) await mkdir(dirname(join(directory, params.output)), { recursive: true });
    const inputs = members.flatMap((member) => member.files);
    const [program, ...args] = fillPlaces(words, { inputs, files: params.files, output: params.output, directory });
    const { exitCode, lines } = await runProgram({
      program: program!,
      args,
      directory,
      environment: { ...context.env, ...environmentOf(params, files) },
      stdout: stdoutOf(params, directory),
      signal,
      log: context.log,
    });
    const failure = judged(program!, exitCode, params, context);
    if (failure !== undefined) throw new Error(`${failure}${hintOf(words, inputs)}`);
    const stdout = params.stdout === "attribute" ? { stdout: lines.join("\n").trim() } : {};
    const attributes = { exit_code: exitCode, ...stdout, ...(await resultOf(files.result, params)) };
    const passed = params.pass_inputs ? inputs.map((pass): CookedFile => ({ pass })) : [];
    return { attributes, outputs: [...passed, ...(await outputsOf(directory, params))] };
  } finally {
    await rm(exchange, { recursive: true, force: true });
  }
}

function itemText(item: CookItem, members: readonly InputMember[], params: Program, directory: string): string {
  const { name, attributes } = item;
  const inputs = members.map((member) => ({
    name: member.name,
    attributes: member.attributes,
    files: member.files.map((file) => ({ path: file.path, name: file.name, tag: file.tag })),
  }));
  return JSON.stringify({ name, attributes, inputs, files: params.files, output: params.output, directory });
}

function environmentOf({ environment }: Program, files: { readonly item: string; readonly result: string }) {
  const own = environment.map(({ name, value }) => [name, value ?? undefined] as const);
  return { ...Object.fromEntries(own), DAG_ITEM: files.item, DAG_RESULT: files.result };
}

function stdoutOf({ stdout, output }: Program, directory: string) {
  if (stdout === "log") return stdout;
  return stdout === "attribute" ? "lines" : { file: join(directory, output!) };
}

/** What is wrong with an exit code, if it means a failure. */
function judged(program: string, code: number, { success_codes, warning_codes }: Program, context: CookContext) {
  if (success_codes.includes(code)) return undefined;
  const message = `"${program}" ended with exit code ${code}.`;
  if (!warning_codes.includes(code)) return message;
  context.warn(message);
  return undefined;
}

/** What to write instead of what `@pdg_input` gives: a name, at which the program finds nothing. */
function hintOf(words: readonly string[], inputs: readonly InputFile[]): string {
  const bare = words.find((word) => inputs.some(({ name }) => name === word));
  return bare === undefined ? "" : ` Its argument "${bare}" is a file's name, not where the file is: write {input}.`;
}

/** The attributes that the program wrote. Whether their types are the declared ones, the engine checks. */
async function resultOf(path: string, { writes }: Program): Promise<Readonly<Record<string, Value>>> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined && writes.length === 0) return {};
  if (found === undefined) throw new Error('The program wrote no file DAG_RESULT, though "writes" has attributes.');
  if (found.size > MOST_RESULT) throw new Error(`The file DAG_RESULT has ${found.size} bytes, above ${MOST_RESULT}.`);
  const result = parsedResult(await readFile(path, "utf8"));
  const names = new Set(writes.map(({ name }) => name));
  const unknown = Object.keys(result).find((name) => !names.has(name));
  if (unknown !== undefined) throw new Error(`The program wrote the attribute "${unknown}", which "writes" has not.`);
  const absent = writes.find(({ name }) => !Object.hasOwn(result, name));
  if (absent !== undefined) throw new Error(`The program did not write the attribute "${absent.name}" of "writes".`);
  return result;
}

function parsedResult(text: string): Readonly<Record<string, Value>> {
  if (jsonDepth(text) > DEEPEST_JSON)
    throw new Error(`The file DAG_RESULT has lists and objects nested more than ${DEEPEST_JSON} deep.`);
  let result: unknown;
  try {
    result = JSON.parse(text);
  } catch (cause) {
    throw new Error(`The file DAG_RESULT is no JSON: ${(cause as Error).message}`, { cause });
  }
  const problem = jsonNumberProblem(text);
  if (problem !== undefined) throw new Error(`The file DAG_RESULT, ${problem}; as text, in quotes, it is kept.`);
  if (typeof result === "object" && result !== null && !Array.isArray(result)) return result as Record<string, Value>;
  throw new Error("The file DAG_RESULT holds no JSON object.");
}

async function outputsOf(directory: string, { output, output_tag, outputs }: Program): Promise<readonly CookedFile[]> {
  const made: CookedFile[] = [];
  const taken = new Set<string>();
  if (output !== null) {
    taken.add(output);
    made.push({ path: output, tag: tagOf(output_tag, output), parameter: "output" });
  }
  const names = outputs.length === 0 ? [] : await filesBelow(directory);
  for (const { path, tag, required } of outputs) {
    const matches = globMatcher(path);
    const fitting = names.filter((name) => name === path || matches(name));
    if (fitting.length === 0 && required) throw new Error(`The program made no file "${path}"${insteadOf(names)}.`);
    for (const name of fitting.filter((each) => !taken.has(each))) {
      taken.add(name);
      made.push({ path: name, tag: tagOf(tag, name) });
    }
  }
  return made;
}

/** Relative paths of regular files, with `/`, sorted. Links are not followed: they may lead anywhere. */
async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(directory.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
}

function insteadOf(names: readonly string[]): string {
  return names.length === 0
    ? "; it made none"
    : `; it made ${names.slice(0, 5).join(", ")}${names.length > 5 ? ", …" : ""}`;
}
