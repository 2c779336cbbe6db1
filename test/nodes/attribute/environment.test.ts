/** `environment_edit`, exported wedges, and the programs that find their variables. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import environment_edit from "../../../nodes/attribute/environment_edit.js";
import { CookSpace, cookedItems, reasonsIn } from "../../helpers/cook-space.js";
import { holdsContract } from "../contract.js";
import { itemsOf } from "../partition/items.js";
import { cookIn, messageOf, testFolder } from "../space.js";

const set = (name: string, value: string, operation = "set") => ({ name, value, operation });

describe("environment_edit", () => {
  const cook = cookIn(testFolder(), environment_edit);
  const inputs = [{ attributes: { LIBS: "/a", OLD: "x" } }];
  holdsContract("attribute/environment_edit", environment_edit, {
    base: () => ({ inputs, params: { variables: [set("LIBS", "/b", "append")] } }),
    changes: () => ({
      variables: { to: { variables: [set("LIBS", "/b")] } },
      separator: { to: { separator: ";" } },
      unset: { to: { unset: ["LIBS"] }, refused: true },
    }),
  });

  test("environment_edit: set, before and after what nodes above have set, in order", async () => {
    const made = async (...variables: object[]) => (await cook({ inputs, params: { variables } })).items[0]!.attributes;
    expect(await made(set("LIBS", "/b", "append"), set("LIBS", "/c", "prepend"))).toEqual({ LIBS: "/c:/a:/b" });
    expect(await made(set("NEW", "1", "append"), set("OLD", "y"))).toEqual({ NEW: "1", OLD: "y" });
    expect(await messageOf(made(set("A", "1"), set("A", "2")))).toBe('variables.1.name: "A" is set already');
    expect(await messageOf(made(set("A", "1\0")))).toContain("cannot hold a NUL");
    const both = cook({ inputs, params: { variables: [set("A", "1")], unset: ["A"] } });
    expect(await messageOf(both)).toBe('unset.0: "A" is set, and cannot be taken away as well');
  });
});

describe("the environment of programs", () => {
  let space: CookSpace;
  beforeAll(() => {
    space = new CookSpace();
  });
  afterAll(() => space.remove());

  const shown = (inputs: string[], ...names: string[]) => ({
    type: "shell",
    inputs,
    params: {
      command: [
        "node",
        "-e",
        "console.log(process.argv.slice(1).map((n) => process.env[n] ?? '-').join(' '))",
        ...names,
      ],
      stdout: "attribute",
    },
  });
  const answers = async (node: string) =>
    (await itemsOf(space, "graph.json", node)).map(({ attributes }) => attributes.stdout);

  test("environment_edit, wedge: variables reach the programs below, each item's its own, until they are taken away", async () => {
    const quality = { name: "QUALITY", type: "int", values: [1, 2], env_export: true };
    space.graph("graph.json", {
      numbers: { type: "wedge", params: { attributes: [quality, { name: "SILENT", type: "int", values: [7] }] } },
      paths: {
        type: "environment_edit",
        inputs: ["numbers"],
        params: { variables: [set("LIBS", "/lib/@QUALITY"), set("LIBS", "/more", "append")] },
      },
      first: shown(["paths"], "QUALITY", "SILENT", "LIBS"),
      fewer: { type: "environment_edit", inputs: ["first"], params: { unset: ["QUALITY"] } },
      second: shown(["fewer"], "QUALITY", "LIBS"),
    });
    expect(await answers("first")).toEqual(["1 - /lib/1:/more", "2 - /lib/2:/more"]);
    expect(await answers("second")).toEqual(["- /lib/1:/more", "- /lib/2:/more"]);
  }, 120_000);

  test("shell: a variable that the graph sets is in the fingerprint, one of the engine's own is not", async () => {
    const cook = async (value: string, own: string) => {
      space.environment = { DAG_TEST_OWN: own };
      space.graph("own.json", { run: { ...shown([], "KEY", "DAG_TEST_OWN"), inputs: undefined, env: { KEY: value } } });
      const cooked = await space.cook("own.json");
      return [cookedItems(cooked.events).length, Object.values(reasonsIn(cooked)).join()];
    };
    expect((await cook("a", "1"))[0]).toBe(1);
    expect(await cook("a", "2")).toEqual([0, ""]);
    expect(await cook("b", "2")).toEqual([1, expect.stringContaining("KEY")]);
  });
});
