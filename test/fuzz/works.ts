/**
 * The node types that do the fuzz's work, and what they make of what they see: a few bytes and a number that follow from
 * every part of it. The engine runs them; the model asks the same pure functions. They know neither.
 */
import { hash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { CookContext, CookItem, CookResult, NodeDefinition } from "../../src/nodetype/define.js";
import type { ParamSchemas } from "../../src/nodetype/params.js";

/** A file as a cook sees it. */
export interface SeenFile {
  readonly name: string;
  readonly tag: string;
  readonly content: string;
}

/** All that may decide a result, and all that a cook is shown. */
export interface Seen {
  /** The node type and the variant of its code. */
  readonly code: string;
  readonly text: string;
  readonly amount: number;
  readonly reads: readonly string[];
  readonly mode: "all" | "coarse" | "pass" | "none";
  readonly set: string;
  readonly fail_at: number | null;
  /** Base name of the output path. */
  readonly output: string | null;
  /** Base name and content of the files behind the list of input paths. */
  readonly extras: readonly (readonly [name: string, content: string])[];
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Variables of the environment that are read, and those of them that there are. */
  readonly variables: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly inputs: Readonly<
    Record<
      string,
      readonly { readonly attributes: Readonly<Record<string, unknown>>; readonly files: readonly SeenFile[] }[]
    >
  >;
}

/** What a cook makes: files of its own, or its input files passed on. */
export interface Made {
  readonly fails: boolean;
  readonly files: readonly (SeenFile & { readonly parameter?: string })[];
  readonly passes: boolean;
  readonly attributes: Readonly<Record<string, number>>;
}

export const WORK_PARAMS = {
  text: { type: "string", default: "", description: "Any text." },
  amount: { type: "number", default: 0, description: "Any number." },
  reads: { type: "array", items: { type: "string" }, default: [], description: "Attributes that are read." },
  mode: { type: "string", enum: ["all", "coarse", "pass", "none"], default: "all", description: "What is made." },
  set: { type: "string", default: "", description: "Attribute that is written." },
  fail_at: { type: ["integer", "null"], default: null, description: "Fails where the result is this, modulo 5." },
  output: { type: ["string", "null"], path: "output", default: null, description: "Where the file is put." },
  extras: { type: "array", items: { type: "string", path: "input" }, default: [], description: "Files that are read." },
  note: { type: "string", default: "", effect: false, description: "Has no effect." },
  trips: { type: "integer", default: 0, effect: false, description: "How often it fails before it succeeds." },
  variables: {
    type: "array",
    items: { type: "string" },
    default: [],
    description: "Of the environment, that are read.",
  },
} as const satisfies ParamSchemas;

/** Text that is the same for equal sights alone. Attributes come by name, inputs as they are declared. */
export function seenText(seen: Seen): string {
  const { code, text, amount, reads, mode, set, fail_at, output, extras, variables, attributes, env, inputs } = seen;
  const params = [text, amount, reads, mode, set, fail_at, output, extras, variables];
  return JSON.stringify([code, ...params, attributes, env, inputs]);
}

/** The result of what was seen. `text`: `seenText` of it. */
export function madeOf(seen: Seen, text: string): Made {
  const digest = hash("sha256", basisOf(seen, text));
  const number = Number.parseInt(digest.slice(0, 6), 16);
  const own = seen.mode === "all" || seen.mode === "coarse";
  const parameter = seen.output === null ? {} : { parameter: "output" };
  const files = own
    ? [
        { name: seen.output ?? "a.txt", tag: "file/a", content: digest, ...parameter },
        ...(number % 2 === 0 ? [{ name: "sub/b.bin", tag: "file/b/c", content: digest.slice(0, 1) }] : []),
      ]
    : [];
  return {
    fails: seen.fail_at === number % 5,
    files,
    passes: seen.mode === "pass",
    attributes: seen.set === "" ? {} : { [seen.set]: number % 3 },
  };
}

/** A coarse look makes the same of much: what lies below need not be cooked again. */
function basisOf({ mode, code, text, amount, inputs }: Seen, all: string): string {
  if (mode !== "coarse") return all;
  const lengths = Object.values(inputs).map((members) => members.flatMap(({ files }) => files).length % 3);
  return JSON.stringify([code, text, amount, lengths]);
}

type Shape = Pick<NodeDefinition, "inputs" | "meet">;

const INPUT = { description: "Items." };

/** The node types with work, by name: they differ in how their inputs meet. */
const SHAPES: Readonly<Record<string, Shape>> = {
  work: {},
  pair: { inputs: { left: INPUT, right: { ...INPUT, optional: true } }, meet: "each" },
  join: { inputs: { left: INPUT, right: { ...INPUT, optional: true } }, meet: "all" },
  match: { inputs: { left: INPUT, right: INPUT }, meet: { by: "x" } },
};

export const WORKING: readonly string[] = Object.keys(SHAPES).map((name) => `fuzz/${name}`);

/** The node type `fuzz/NAME` in one variant of its code. `said` hears what every cook saw, before it ends. */
export function working(name: string, variant: number): NodeDefinition {
  const definition: NodeDefinition<typeof WORK_PARAMS> = {
    ...SHAPES[name],
    description: "Makes something of all that it sees.",
    version: 1,
    params: WORK_PARAMS,
    attributes: {
      reads: ({ reads }) => reads,
      writes: ({ set }) => (set === "" ? {} : { [set]: "int" }),
    },
    environment: ({ variables }) => variables,
    async cook(item, params, context) {
      const { text, amount, reads, mode, set, fail_at, output, extras, variables, trips } = params;
      const end = shared.cooks.begun();
      try {
        const seen: Seen = {
          ...{ code: `${name} ${variant}`, text, amount, reads, mode, set, fail_at, output },
          extras: extras.map((path) => [basename(path), readFileSync(path, "latin1")]),
          ...{ variables, attributes: item.attributes, env: context.env },
          inputs: seenInputs(item),
        };
        const all = seenText(seen);
        if (shared.cooks.attempt(item.name, all) <= trips) throw new Error("tripped");
        return resultOf(madeOf(seen, all), item, context);
      } finally {
        end();
      }
    },
  };
  return definition as unknown as NodeDefinition;
}

/** As many items below each as its attribute says, modulo 3, and one more: known only when that is cooked. */
export function growing(): NodeDefinition {
  const params = { from: { type: "string", default: "made", description: "Attribute that says how many." } } as const;
  const definition: NodeDefinition<typeof params> = {
    description: "Makes items by an attribute.",
    version: 1,
    params,
    inputs: { main: INPUT },
    attributes: { reads: ({ from }) => [from], writes: { grown: "int" } },
    *generate([upstream], { from }) {
      const count = Number(upstream?.attribute(from) ?? 0) % 3;
      for (let grown = 0; grown <= count; grown++) yield { identity: { grown }, attributes: { grown } };
    },
  };
  return definition as unknown as NodeDefinition;
}

/** The cooks of this process since it was cleared. */
class Cooks {
  /** What each saw, in the order in which they began. */
  saw: string[] = [];
  /** Told the number of each cook that begins; its answer is called at the end. */
  meanwhile: (number: number) => () => void = () => () => {};
  readonly #attempts = new Map<string, number>();
  #count = 0;

  clear(): void {
    this.saw = [];
    this.meanwhile = () => () => {};
    this.#attempts.clear();
    this.#count = 0;
  }

  begun(): () => void {
    this.#count += 1;
    return this.meanwhile(this.#count);
  }

  /** Answers how many attempts there were of the item. */
  attempt(item: string, seen: string): number {
    this.saw.push(seen);
    const attempts = (this.#attempts.get(item) ?? 0) + 1;
    this.#attempts.set(item, attempts);
    return attempts;
  }
}

/** Node code is loaded under more than one name: they are those of all of them. */
const shared = globalThis as unknown as { cooks: Cooks };
shared.cooks ??= new Cooks();
export const cooks: Cooks = shared.cooks;

function seenInputs({ inputs }: CookItem): Seen["inputs"] {
  const filled = Object.entries(inputs).filter(([, members]) => members.length > 0);
  return Object.fromEntries(
    filled.map(([name, members]) => [
      name,
      members.map(({ attributes, files }) => ({
        attributes,
        files: files.map((file) => ({ name: file.name, tag: file.tag, content: readFileSync(file.path, "latin1") })),
      })),
    ]),
  );
}

function resultOf({ fails, files, passes, attributes }: Made, item: CookItem, context: CookContext): CookResult {
  if (fails) throw new Error("told to fail");
  for (const { name, content } of files) {
    const path = join(context.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, "latin1");
  }
  const all = Object.values(item.inputs).flatMap((members) => members.flatMap((member) => member.files));
  return {
    outputs: [
      ...files.map(({ name, tag, parameter }) => ({ path: name, tag, ...(parameter !== undefined && { parameter }) })),
      ...(passes ? all.map((pass) => ({ pass })) : []),
    ],
    attributes,
  };
}
