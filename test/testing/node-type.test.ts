/** The tests that every node type passes, held against node types that are wrong in one way each. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "@jest/globals";
import { type CookContext, defineNode, type NodeDefinition } from "dag-cook";
import { cookOnce, type NodeTypeTest, testNodeType } from "dag-cook/testing";

const folder = mkdtempSync(join(realpathSync(tmpdir()), "dag-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PARAMS = {
  text: { type: "string", default: "a", description: "What is written." },
  level: { type: "integer", default: 1, effect: false, description: "How hard it is tried." },
} as const;

async function write(text: string, { directory, signal }: CookContext) {
  signal.throwIfAborted();
  writeFileSync(join(directory, "text.txt"), text);
  return { outputs: [{ path: "text.txt", tag: "file/text" }] };
}

const good = defineNode({
  description: "Writes a text.",
  version: 1,
  params: PARAMS,
  cook: (_item, { text }, context) => write(text, context),
});

const changes = { text: { to: { text: "b" } }, level: { to: { level: 2 } } };

/** Runs all tests, and answers the messages of those that fail, by name. */
async function failures(definition: NodeDefinition, given: Partial<NodeTypeTest> = {}, code = "export {};\n") {
  const file = join(folder, "node.js");
  writeFileSync(file, code);
  const runs: [string, () => Promise<void>][] = [];
  const module = pathToFileURL(file).href;
  testNodeType((name, run) => void runs.push([name, run]), definition, {
    module,
    base: () => ({}),
    changes: () => changes,
    ...given,
  });
  const failed: string[] = [];
  for (const [name, run] of runs) await run().catch((error: Error) => failed.push(`${name}: ${error.message}`));
  return failed;
}

const broken = (over: object) => ({ ...good, ...over }) as unknown as NodeDefinition;

describe("testNodeType", () => {
  test("testNodeType: a good node type passes", async () => {
    expect(await failures(broken({}))).toEqual([]);
  });

  test.each<[string, object, string]>([
    [
      "no sentence",
      { description: "writes" },
      'node: everything is described: the node type is not described by a sentence: "writes"',
    ],
    [
      "a default that its schema refuses",
      { params: { ...PARAMS, level: { ...PARAMS.level, minimum: 2 } } },
      "node: the defaults are valid: level must be at least 2, not 1",
    ],
    [
      "a parameter that is not heard",
      { cook: (_item: unknown, _params: unknown, context: CookContext) => write("same", context) },
      "node: text changes the result: the result stayed the same",
    ],
    [
      "an effect that is denied",
      { cook: (_item: unknown, params: { level: number }, context: CookContext) => write(`${params.level}`, context) },
      "node: level changes nothing: the result changed",
    ],
    [
      "other bytes each time",
      { cook: (_item: unknown, _params: unknown, context: CookContext) => write(`${performance.now()}`, context) },
      "node: the same case gives the same items and bytes, every identity once: two cooks of one case differ: item null, file text.txt",
    ],
    [
      "a stop that is not heard",
      {
        cook: async (_item: unknown, { text }: { text: string }, context: CookContext) =>
          write(text, { ...context, signal: new AbortController().signal }),
      },
      "node: a stop is heard: told to stop, the cook went on",
    ],
    [
      "one identity for two items",
      { generate: () => [{ identity: "one" }, { identity: "one" }] },
      'node: the same case gives the same items and bytes, every identity once: two items have the identity "one"',
    ],
  ])("testNodeType: %s is found", async (_name, over, message) => {
    expect(await failures(broken(over))).toContain(message);
  });

  test("testNodeType: a parameter that the test forgets is named", async () => {
    expect(await failures(broken({}), { changes: () => ({ text: changes.text }) })).toEqual([
      "node: the test changes every parameter: changed are [text], declared are [level,text]",
      'node: level changes nothing: the test gives no change of "level"',
    ]);
  });

  test("testNodeType: a GPU package that loads with the module is named, one that a cook loads is not", async () => {
    expect(await failures(broken({}), {}, 'const later = () => import("onnxruntime-node");\n')).toEqual([]);
    expect(await failures(broken({}), {}, 'import "onnxruntime-node";\n')).toEqual([
      "node: it loads no GPU package by itself: it imports onnxruntime-node statically",
    ]);
  });
});

describe("cookOnce", () => {
  const cook = (over: object, node = {}) =>
    cookOnce(broken(over), { ...node, directory: mkdtempSync(join(folder, "c-")) });

  test("cookOnce: a cook sees the attributes that it declares to read, and no others", async () => {
    let seen: unknown;
    const over = {
      attributes: { reads: ["width"] },
      cook: async (item: unknown) => {
        seen = item;
      },
    };
    await cook(over, { inputs: [{ name: "tile", attributes: { width: 8, height: 4 } }] });
    expect(seen).toMatchObject({
      attributes: { width: 8 },
      inputs: { main: [{ name: "tile", attributes: { width: 8 } }] },
    });
    expect(JSON.stringify(seen)).not.toContain("height");
  });

  test.each([
    [
      { cook: async () => ({ attributes: { size: 1 } }) },
      'cook wrote the attribute "size", which the node type does not declare',
    ],
    [
      { attributes: { writes: { size: "int" } }, cook: async () => ({ attributes: { size: 1.5 } }) },
      'cook wrote 1.5 to "size", declared as int',
    ],
    [
      { cook: async () => ({ outputs: [{ path: "absent.txt", tag: "file" }] }) },
      'Output "absent.txt" was not written.',
    ],
    [{ check: () => [{ param: "text", message: "it is too dull" }] }, "text: it is too dull"],
  ])("cookOnce: a broken contract is an error: %#", async (over, message) => {
    await expect(cook(over)).rejects.toThrow(message);
  });

  test("cookOnce: parameters have the types that the node type declares; what it does not have compiles no more than it cooks", async () => {
    const once = { directory: mkdtempSync(join(folder, "c-")) };
    expect((await cookOnce(good, { ...once, params: { text: "b" } })).items[0]?.outputs.length).toBe(1);
    // @ts-expect-error: misspelt
    await expect(cookOnce(good, { ...once, params: { txet: "b" } })).rejects.toThrow("txet is unknown");
    // @ts-expect-error: of another type
    await expect(cookOnce(good, { ...once, params: { text: 1 } })).rejects.toThrow("text must be a string, not 1");
  });

  test("cookOnce: an input that is not declared is refused", async () => {
    await expect(cook({}, { inputs: { model: [{}] } })).rejects.toThrow('no input is named "model"');
  });
});
