/**
 * The door `dag-cook/external`: node types whose work is done by a program of another language. The work item goes to its
 * standard input as one line of JSON, and its results come from its standard output as lines of JSON. Knows no graph.
 */
import { fileURLToPath } from "node:url";
import { DEEPEST_JSON, jsonDepth } from "../base/json.js";
import { jsonNumberProblem } from "../base/number.js";
import type { CookContext, CookedFile, CookItem, CookResult, NodeDefinition } from "./define.js";
import { lastLine, runProgram } from "./program.js";

/** What the JSON file beside the executable says. */
export interface ExternalDescription extends Omit<NodeDefinition, "cook" | "generate" | "partition" | "discover"> {
  /** The program and its arguments; those that begin with `./` are files beside the description. */
  readonly command: readonly string[];
  /** Further files of its code, beside the description. */
  readonly files?: readonly string[];
}

/** Raised when a program of today could not understand what it is given. */
const PROTOCOL = 1;

/** Time that a program has to end by itself once it was told to stop. */
const GRACE_MS = 5000;

/** A node type whose `cook` is the program. `beside`: where the files of the command lie. */
export function externalNode(
  { command, files: _, ...definition }: ExternalDescription,
  beside: Readonly<Record<string, URL>>,
): NodeDefinition {
  const words = command.map((word) => (beside[word] === undefined ? word : fileURLToPath(beside[word])));
  return { ...definition, cook: (item, params, context) => run(words, command.join(" "), item, params, context) };
}

async function run(
  [program = "", ...args]: readonly string[],
  name: string,
  item: CookItem,
  params: Readonly<Record<string, unknown>>,
  context: CookContext,
): Promise<CookResult> {
  const { directory, resume, signal, seed, threads, device } = context;
  signal.throwIfAborted();
  const report = new ProgramReport(item, context);
  let last = "";
  const ended = await runProgram({
    program,
    args,
    directory,
    input: `${JSON.stringify({ protocol: PROTOCOL, item, params, context: { directory, resume, seed, threads, device } })}\n`,
    stdout(lines) {
      for (const line of lines.split("\n")) report.line(line);
    },
    stderr(lines) {
      last = lastLine(lines) ?? last;
      context.log(lines);
    },
    signal,
    grace: GRACE_MS,
  });
  // Told to stop, it may have saved, and said that what it made is partial.
  if (report.partial && ended.exitCode === 0) return report.result();
  signal.throwIfAborted();
  if (report.error !== undefined) throw new Error(report.error);
  if (ended.problem !== undefined) throw new Error(ended.problem);
  if (ended.exitCode === 0) return report.result();
  const how = ended.exitCode === undefined ? `was ended by ${ended.by}` : `ended with code ${ended.exitCode}`;
  throw new Error(`${name} ${how}${last === "" ? "" : `: ${last}`}`);
}

type Line = Readonly<Record<string, never>>;

/** What a program has said so far. A line that is no JSON object is a line of the log. */
class ProgramReport {
  error: string | undefined;
  partial = false;
  readonly #outputs: CookedFile[] = [];
  readonly #attributes: Record<string, never> = {};
  readonly #item: CookItem;
  readonly #context: CookContext;

  constructor(item: CookItem, context: CookContext) {
    this.#item = item;
    this.#context = context;
  }

  result(): CookResult {
    return { outputs: this.#outputs, attributes: this.#attributes, partial: this.partial };
  }

  line(text: string): void {
    const record = objectIn(text);
    if (record !== undefined && jsonDepth(text) > DEEPEST_JSON) {
      this.error ??= `The program said lists and objects nested more than ${DEEPEST_JSON} deep.`;
      return;
    }
    if (record === undefined) this.#context.log(text);
    else for (const [word, value] of Object.entries(record)) this.#take(word, value);
    const problem = record?.attributes === undefined ? undefined : jsonNumberProblem(text);
    if (problem !== undefined)
      this.error ??= `Of the attributes that the program said, ${problem.replace(/^line 1: /, "")}; as text it is kept.`;
  }

  #take(word: string, value: never): void {
    const { metric, image, progress, log, warn } = this.#context;
    const { name, path, step } = Object(value) as { name: string; path: string; step: number };
    if (word === "output") this.#outputs.push(value);
    else if (word === "pass") this.#outputs.push(this.#passed(value));
    else if (word === "attributes") Object.assign(this.#attributes, value);
    else if (word === "progress") progress(value);
    else if (word === "metric") metric(name, Number(Object(value).value), step);
    else if (word === "image") image(name, path, step);
    else if (word === "log") log(String(value));
    else if (word === "warn") warn(String(value));
    else if (word === "error") this.error ??= String(value);
    else if (word === "partial") this.partial = value === true;
    else this.error ??= `The program said "${word}", which is none of ${WORDS.join(", ")}.`;
  }

  /** An input file by its digest, passed on without a copy. */
  #passed({ digest, tag }: Line): CookedFile {
    const members = Object.values(this.#item.inputs).flat();
    const file = [...this.#item.files, ...members.flatMap(({ files }) => files)].find((each) => each.digest === digest);
    if (file !== undefined) return { pass: file, ...(tag !== undefined && { tag }) };
    this.error ??= `The program passes on ${JSON.stringify(digest)}, which is the digest of none of its input files.`;
    return { path: "", tag: "" };
  }
}

const WORDS = ["output", "pass", "attributes", "progress", "metric", "image", "log", "warn", "error", "partial"];

function objectIn(line: string): Line | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
}
