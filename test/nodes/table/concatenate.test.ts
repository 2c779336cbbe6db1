/** CSV files put together, and texts as files, on real files. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import text_output from "../../../nodes/file/text_output.js";
import csv_concatenate from "../../../nodes/table/csv_concatenate.js";
import { CookSpace, cookedItems } from "../../helpers/cook-space.js";
import { holdsContract } from "../contract.js";
import { wedgeOf } from "../partition/items.js";
import { cookIn, messageOf, testFolder } from "../space.js";

const folder = testFolder();

/** Each text as the file of a member of its own. */
function membersOf(...texts: readonly string[]) {
  return texts.map((text, index) => {
    const path = join(folder, `part_${index}_${text.length}.csv`);
    writeFileSync(path, text);
    return { name: `m${index}`, files: [{ path, tag: "file/text/csv" }] };
  });
}

describe("csv_concatenate", () => {
  const cook = cookIn(folder, csv_concatenate);
  const written = async (texts: readonly string[], params: object = {}): Promise<string> => {
    const { items } = await cook({ inputs: membersOf(...texts), params: { ...params } });
    return readFileSync(items[0]!.outputs[0]!.path, "utf8");
  };
  holdsContract("table/csv_concatenate", csv_concatenate, {
    base: () => ({ inputs: membersOf("a,b\n1,2\n", "a,b\n3,4\n"), params: {} }),
    changes: () => ({
      tag: { to: { tag: "file/other" }, refused: true },
      header: { to: { header: false } },
      delimiter: { inputs: membersOf("a,b\n1;x,2\n"), to: { delimiter: ";" }, refused: true },
      columns: {
        inputs: membersOf("a\n1\n", "b\n2\n"),
        from: { columns: "union" },
        to: { columns: "same" },
        refused: true,
      },
      source: { to: { source: "file" } },
      output: { to: { output: "out.csv" } },
    }),
  });

  test("cells stay as they are written; quotes, line breaks and columns in another order", async () => {
    expect(await written(["shot,n\n007,1.50\n", 'n,shot\n2,"a ""b"", c"\n3,"two\nlines"\n'])).toBe(
      'shot,n\n007,1.50\n"a ""b"", c",2\n"two\nlines",3\n',
    );
    expect(await written(["\uFEFFa\r\n1\r\n", "", "a\n2"])).toBe("a\n1\n2\n");
    expect(await written(["1;2\n", "3;4\n"], { header: false, delimiter: ";" })).toBe("1;2\n3;4\n");
    expect(await written(["a\n=1+1\n"])).toBe("a\n=1+1\n");
    expect(await written([""])).toBe("");
  });

  test("other columns are refused, or all taken; where a row is from can be a column", async () => {
    const texts = ["a,b\n1,2\n", "b,c\n3,4\n"];
    expect(await messageOf(written(texts))).toMatch(/part_1_8\.csv: it has a column "c", unlike the files before it/);
    expect(await messageOf(written(["a,b\n1,2\n", "a\n1\n"]))).toContain('it has no column "b"');
    expect(await written(texts, { columns: "union" })).toBe("a,b,c\n1,2,\n,3,4\n");
    expect(await written(texts, { columns: "union", source: "file" })).toBe(
      "file,a,b,c\npart_0_8.csv,1,2,\npart_1_8.csv,,3,4\n",
    );
    expect(await messageOf(written(texts, { columns: "union", source: "a" }))).toContain(
      'There is a column "a" already',
    );
    expect(await messageOf(written(["a,b\n1\n"]))).toMatch(/part_0_6\.csv: row 2 has 1 cells/);
    expect(await messageOf(cook({ inputs: [{ name: "x" }], params: {} }))).toContain("there are none at all");
  });
});

describe("text_output", () => {
  const cook = cookIn(folder, text_output);
  const written = async (params: object): Promise<string> => {
    const { items } = await cook({ params: { ...params } });
    return readFileSync(items[0]!.outputs[0]!.path, "utf8");
  };
  holdsContract("file/text_output", text_output, {
    base: () => ({ params: { text: "a\nb" } }),
    changes: () => ({
      text: { to: { text: "c" } },
      line_ending: { to: { line_ending: "crlf" } },
      final_newline: { to: { final_newline: false } },
      tag: { to: { tag: "file/text/log" } },
      output: { to: { output: "notes.txt" } },
    }),
  });

  test("one text or its lines, with either ending", async () => {
    expect(await written({ text: ["a", "b ä\nc"] })).toBe("a\nb ä\nc\n");
    expect(await written({ text: "a\n" })).toBe("a\n");
    expect(await written({ text: "a\r\nb\n", line_ending: "crlf" })).toBe("a\r\nb\r\n");
    expect(await written({ text: ["a", ""], final_newline: false })).toBe("a");
    expect(await written({ text: "" })).toBe("");
  });
});

describe("texts and tables in a graph", () => {
  let space: CookSpace;
  beforeAll(() => {
    space = new CookSpace();
  });
  afterAll(() => space.remove());

  test("a text of each item, put together: an item that is new cooks two", async () => {
    const cook = async (values: readonly number[]) => {
      space.graph("graph.json", {
        numbers: wedgeOf("x", values),
        files: {
          type: "text_output",
          inputs: ["numbers"],
          params: { text: ["x,half", "@x,`@x / 2`"], tag: "file/text/csv", output: "out/@x.csv" },
        },
        all: { type: "wait_for_all", inputs: ["files"] },
        table: { type: "csv_concatenate", inputs: ["all"], params: { output: "out/all.csv" } },
      });
      return cookedItems((await space.cook("graph.json")).events).length;
    };
    expect(await cook([1, 2])).toBe(3);
    expect(space.read("out/2.csv")).toBe("x,half\n2,1\n");
    expect(await cook([1, 2, 3])).toBe(2);
    expect(space.read("out/all.csv")).toBe("x,half\n1,0.5\n2,1\n3,1.5\n");
    expect((await space.dag("check", "graph.json")).stderr).toBe("");
  });
});
