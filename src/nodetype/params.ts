/** The schema of a node type's parameters, and the TypeScript types that follow from it. */

/** One parameter: JSON Schema, with a few words of our own. */
export interface ParamSchema {
  readonly type: "integer" | "number" | "string" | "boolean" | "array" | "object" | readonly string[];
  readonly description: string;
  /** Filled in where nothing is given; a string is a template like one in a graph file. */
  readonly default?: unknown;
  /** Strings that are taken beside the type: `{ type: "integer", words: ["all"] }`. */
  readonly words?: readonly string[];
  readonly enum?: readonly (string | number | null)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly items?: Omit<ParamSchema, "description"> & { readonly description?: string };
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: ParamSchemas;
  /** True: the parameter must be given. A list: those of `properties` that must be. */
  readonly required?: true | readonly string[];
  readonly additionalProperties?: boolean;
  /** The value is a file or folder: an input enters the fingerprint as digest, tag and base name; an output as its name. */
  readonly path?: "input" | "output";
  /**
   * The text names an attribute that items above have: of any input, or of the input of that name. One that the type declares
   * to read, and that none of them can have, is a diagnostic before the cook (`attributes.needs`).
   */
  readonly attribute?: true | string;
  /**
   * Numbers that an expression in its place may read like attributes, with their values until the node type gives others
   * (`Surroundings.paramsOf`).
   */
  readonly given?: Readonly<Record<string, number>>;
  /** Of a type with `discover`: null stands for the files of the upstream item, which `discover` gets as `doors.upstream`. */
  readonly upstream?: true;
  /** False: the string is taken as it stands (regexes, globs, code). */
  readonly template?: false;
  /**
   * False: the value has no effect on the result, so it is not in the fingerprint. `items`: it only decides which items there
   * are, as a number of copies does; what each of them is, it does not.
   */
  readonly effect?: false | "items";
  /** What it means that the value changed, where that is not plain: `dag why` says it. */
  readonly changed?: string;
}

export type ParamSchemas = Readonly<Record<string, ParamSchema>>;

type OfType<T, S> = T extends "integer" | "number"
  ? number
  : T extends "string"
    ? string
    : T extends "boolean"
      ? boolean
      : T extends "null"
        ? null
        : T extends "array"
          ? S extends { readonly items: infer I }
            ? readonly ValueOf<I>[]
            : readonly unknown[]
          : T extends "object"
            ? S extends { readonly properties: infer O }
              ? ParamValues<O>
              : Readonly<Record<string, unknown>>
            : never;

type WordsOf<S> = S extends { readonly words: readonly (infer W)[] } ? W : never;

/** The TypeScript type of a value that a schema allows. */
export type ValueOf<S> =
  | WordsOf<S>
  | (S extends { readonly enum: readonly (infer E)[] }
      ? E
      : S extends { readonly type: infer T }
        ? OfType<T extends readonly (infer U)[] ? U : T, S>
        : unknown);

type AlwaysThere = { readonly default: unknown } | { readonly required: true } | { readonly type: "object" };

/** The TypeScript type of evaluated parameters: those with a default (or required) are always there. */
export type ParamValues<S> = string extends keyof S
  ? Readonly<Record<string, unknown>>
  : {
      readonly [K in keyof S as S[K] extends AlwaysThere ? K : never]: ValueOf<S[K]>;
    } & {
      readonly [K in keyof S as S[K] extends AlwaysThere ? never : K]?: ValueOf<S[K]>;
    };

/** What a schema's defaults must be beside `ParamSchemas`: one of the `enum`, or of the `words`. */
export type ListedDefaults<S> = {
  readonly [K in keyof S]: S[K] extends { readonly enum: readonly (infer E)[]; readonly default: infer D }
    ? D extends E | WordsOf<S[K]>
      ? unknown
      : { readonly "the default must be one of": E }
    : unknown;
};
