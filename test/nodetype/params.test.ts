import { describe, expect, test } from "@jest/globals";
import { conformToParams } from "../../src/nodetype/conform.js";
import { withDefaults } from "../../src/nodetype/defaults.js";
import { defineNode } from "../../src/nodetype/define.js";
import type { ParamSchemas, ParamValues } from "../../src/nodetype/params.js";

const schemas = {
  size: { type: "integer", minimum: 1, exclusiveMaximum: 9, words: ["all"], default: "all", description: "" },
  name: { type: "string", required: true, pattern: "^[a-z]+$", minLength: 2, description: "" },
  mode: { type: ["string", "null"], enum: ["fast", "slow", null], default: null, description: "" },
  deep: {
    type: "object",
    description: "",
    properties: {
      rate: { type: "number", exclusiveMinimum: 0, maximum: 1, default: 0.5, description: "" },
      list: {
        type: "array",
        maxItems: 2,
        default: [{}],
        items: { type: "object", properties: { on: { type: "boolean", default: true, description: "" } } },
        description: "",
      },
    },
  },
  free: { type: "object", default: { any: 1 }, description: "" },
} as const satisfies ParamSchemas;

/** Holds the types of evaluated parameters: this compiles only where they are as they should be. */
function typed(values: ParamValues<typeof schemas>): readonly unknown[] {
  const size: number | "all" = values.size;
  const name: string = values.name;
  const mode: "fast" | "slow" | null = values.mode;
  const rate: number = values.deep.rate;
  const on: boolean | undefined = values.deep.list[0]?.on;
  // @ts-expect-error: there is no such parameter
  const none: unknown = values.nothing;
  return [size, name, mode, rate, on, none];
}

const defaults = {
  name: "ab",
  size: "all",
  mode: null,
  deep: { rate: 0.5, list: [{ on: true }] },
  free: { any: 1 },
};

describe("withDefaults", () => {
  test("withDefaults: what is absent is filled in, nested members and those of items too", () => {
    const filled = withDefaults({ name: "ab" }, schemas);
    expect(filled).toEqual(defaults);
    expect(typed(filled as ParamValues<typeof schemas>)).toEqual(["all", "ab", null, 0.5, true, undefined]);
    expect(withDefaults({ deep: { list: [{ on: false }, {}] }, free: {} }, schemas)).toEqual({
      ...defaults,
      name: undefined,
      deep: { rate: 0.5, list: [{ on: false }, { on: true }] },
      free: {},
    });
  });

  test("withDefaults: nothing is shared with the schema, and what does not fit stays", () => {
    const filled = withDefaults({ name: "ab" }, schemas);
    (filled.free as { any: number }).any = 2;
    expect(schemas.free.default.any).toBe(1);
    expect(withDefaults({ deep: 3, name: null }, schemas)).toMatchObject({ deep: 3, name: null });
  });
});

describe("conformToParams", () => {
  const violations = (values: object) =>
    conformToParams(schemas)(values).map(({ path, kind, message, suggestion }) =>
      [path.join("."), kind, message, ...(suggestion === undefined ? [] : [suggestion])].join(" | "),
    );

  test("conformToParams: defaults conform", () => {
    expect(violations(defaults)).toEqual([]);
  });

  test("conformToParams: each violation has a path and says what must be", () => {
    expect(
      violations({
        ...defaults,
        name: "A",
        size: 9,
        mode: "slw",
        deep: { rate: 0, list: [{ on: "x" }, { onn: 1 }, {}] },
        "a/b~c": 1,
      }),
    ).toEqual([
      "a/b~c | unknown | is unknown",
      "size | value | must be less than 9, not 9",
      'name | value | must have at least 2 characters, not "A"',
      'name | value | must match /^[a-z]+$/, not "A"',
      'mode | value | must be one of "fast", "slow", null, not "slw" | slow',
      "deep.rate | value | must be greater than 0, not 0",
      "deep.list | value | must have at most 2 items, not 3",
      'deep.list.0.on | value | must be true or false, not "x"',
      "deep.list.1.onn | unknown | is unknown | on",
    ]);
    expect(violations({ size: "al", mode: 3, deep: { rate: Number.NaN, list: {} }, free: [] })).toEqual([
      "name | missing | must be given",
      'size | value | must be a whole number or "all", not "al"',
      "mode | value | must be a string or null, not 3",
      "deep.rate | value | must be a number, not NaN",
      "deep.list | value | must be a list, not {}",
      "free | value | must be an object, not []",
    ]);
  });

  test("conformToParams: a long value is cut in the message", () => {
    const [only] = violations({ ...defaults, mode: "x".repeat(500) });
    expect(only?.length).toBeLessThan(130);
  });

  test("conformToParams: what conformed before is believed, for that schema and those values alone", () => {
    const known = new Set<string>();
    const asked: string[] = [];
    const before = { has: (digest: string) => asked.push(digest) > 0 && known.has(digest), add: known.add.bind(known) };
    const conform = conformToParams(schemas, before);
    expect(conform(defaults)).toEqual([]);
    expect(known.size).toBe(1);
    expect(conformToParams({ other: { type: "number", description: "A number." } }, before)(defaults)).not.toEqual([]);
    expect(conform({ ...defaults, size: 9 })).not.toEqual([]);
    // NaN is null in JSON, and must not be taken for it.
    const nullable = conformToParams({ x: { type: ["number", "null"], description: "A number or null." } }, before);
    expect(nullable({ x: null })).toEqual([]);
    expect(nullable({ x: Number.NaN })).not.toEqual([]);
    expect(known.size).toBe(2);
    expect(new Set(asked).size).toBe(5);
    expect(conform(defaults)).toEqual([]);
    expect(asked.at(-1)).toBe(asked[0]);
  });
});

describe("attributes that a cook sees", () => {
  test("are those that the type declares to read, where these are no matter of parameters: else it does not compile", async () => {
    const type = defineNode({
      description: "Reads.",
      version: 1,
      params: {},
      attributes: { reads: ["width"] },
      async cook({ attributes, inputs }) {
        // @ts-expect-error: it is not declared
        const wrong = [attributes.wdith, inputs.main?.[0]?.attributes.height];
        return { attributes: { is: attributes.width ?? 0, wrong: wrong.length } };
      },
    });
    const free = defineNode({
      description: "Reads what it is told.",
      version: 1,
      params: { names: { type: "array", items: { type: "string" }, default: [], description: "Names." } },
      attributes: { reads: ({ names }) => names },
      cook: async ({ attributes }, { names }) => ({ attributes: { is: attributes[names[0] ?? ""] ?? 0 } }),
    });
    const item = { name: "", label: "", attributes: { width: 5 }, inputs: {}, files: [] };
    expect(await type.cook?.(item, {}, undefined as never)).toEqual({ attributes: { is: 5, wrong: 2 } });
    expect(await free.cook?.(item, { names: ["width"] }, undefined as never)).toEqual({ attributes: { is: 5 } });
  });
});
