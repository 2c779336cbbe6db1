/** CSV, JSON and SQLite in and out, on real files. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import Database from "libsql";
import csv_input from "../../../nodes/table/csv_input.js";
import csv_output from "../../../nodes/table/csv_output.js";
import json_input from "../../../nodes/table/json_input.js";
import json_output from "../../../nodes/table/json_output.js";
import { writeTable } from "../../../nodes/table/rows/sql.js";
import sql_input from "../../../nodes/table/sql_input.js";
import sql_output from "../../../nodes/table/sql_output.js";
import { CookSpace, cookedItems, failuresIn } from "../../helpers/cook-space.js";
import { holdsContract } from "../contract.js";
import { copyExample, itemsOf, rowsOf } from "../partition/items.js";
import { cookIn, messageOf, testFolder } from "../space.js";

const folder = testFolder();
let written = 0;
function file(content: string | Uint8Array, extension = "csv"): string {
  const path = join(folder, `file_${written++}.${extension}`);
  writeFileSync(path, content);
  return path;
}

/** A table as the file of an upstream item. */
const upstream = (content: string, extension = "csv", tag = "file/text") => [
  { files: [{ path: file(content, extension), tag }] },
];
const tagChange = (content: string, extension: string) => ({
  from: { file: null },
  to: { tag: "file/other" },
  inputs: upstream(content, extension),
  refused: true as const,
});

const ROWS_CHANGES = {
  columns: { to: { columns: [{ name: "b", attribute: "renamed" }] } },
  key: { to: { key: ["a"] } },
  first: { to: { first: 1 } },
  limit: { to: { limit: 1 } },
};

describe("csv_input", () => {
  const cook = cookIn(folder, csv_input);
  const attributesOf = async (text: string, params = {}) =>
    (await cook({ params: { file: file(text), ...params } })).items.map(({ attributes }) => attributes);
  const path = file("a,b\n1,x\n2,y\n");
  holdsContract("table/csv_input", csv_input, {
    base: () => ({ params: { file: path } }),
    changes: () => ({
      file: { to: { file: file("a,b\n3,x\n") } },
      tag: tagChange("a,b\n1,x\n", "csv"),
      header: { to: { header: false } },
      delimiter: { to: { delimiter: ";" } },
      numbers: { from: { file: file("a,b\n9007199254740993,x\n") }, to: { numbers: "nearest" } },
      ...ROWS_CHANGES,
    }),
  });

  test("csv_input: quotes, line breaks in cells, a byte order mark, \\r\\n; numbers where a column has only such", async () => {
    const text = '\uFEFFname,size in px,code,mixed\r\n"a ""b"", c",-1.5e1,007,1\r\n"two\nlines",,008,x\r\n';
    expect(await attributesOf(text)).toEqual([
      { name: 'a "b", c', size_in_px: -15, code: "007", mixed: "1" },
      { name: "two\nlines", code: "008", mixed: "x" },
    ]);
  });

  test("csv_input: without a header; listed columns get their name and type", async () => {
    const columns = [
      { name: "column_1", attribute: "count", type: "string" },
      { name: "column_0", type: "bool" },
    ];
    expect(await attributesOf("true;5\nfalse;6\n", { header: false, delimiter: ";", columns })).toEqual([
      { count: "5", column_0: true },
      { count: "6", column_0: false },
    ]);
  });

  // Python's decimal.Decimal tells the same cells apart from the float that is nearest.
  test("csv_input: no number is changed in silence", async () => {
    const ids = "id,n\n9007199254740993,1\n7,2\n";
    expect(await attributesOf(ids)).toEqual([
      { id: "9007199254740993", n: 1 },
      { id: "7", n: 2 },
    ]);
    expect((await attributesOf(ids, { numbers: "nearest" }))[0]).toEqual({ id: 9007199254740992, n: 1 });
    expect(await messageOf(attributesOf("x\n1\n0.12345678901234567890\n"))).toContain(
      'Row 2, column "x": 0.12345678901234567890 has more than the 17 digits that a number holds; "numbers": "nearest"',
    );
    expect(await messageOf(attributesOf("x\n1e400\n"))).toContain("1e400 is larger than any number can be");
    expect(await messageOf(attributesOf(ids, { columns: [{ name: "id", type: "int" }] }))).toContain(
      'Row 1, column "id": 9007199254740993 is beyond the whole numbers that are held exactly',
    );
    const asText = { columns: [{ name: "x", type: "string" }] };
    expect(await attributesOf("x\n1.50\n", asText)).toEqual([{ x: "1.50" }]);
    expect(await attributesOf("x\n1e400\n", asText)).toEqual([{ x: "1e400" }]);
    const asFloat = { columns: [{ name: "x", type: "float" }] };
    expect(await attributesOf("x\n0.12345678901234567890\n", asFloat)).toEqual([{ x: 0.12345678901234568 }]);
  });

  test("csv_input: what a row holds is its identity; equal rows are told apart", async () => {
    const identities = async (text: string, key: string[] = []) =>
      (await cook({ params: { file: file(text), key } })).items.map(({ identity }) => identity);
    expect(await identities("a,b\n1,2\n1,2\n")).toEqual([
      { a: 1, b: 2 },
      { row: { a: 1, b: 2 }, repeat: 1 },
    ]);
    expect(await identities("a,b\n1,2\n3,2\n", ["a"])).toEqual([{ a: 1 }, { a: 3 }]);
  });

  test.each([
    ["a,b\n1,2,3\n", {}, "row 2 has 3 cells, and the first has 2; is the delimiter right?"],
    ['a,b\n"1,2\n', {}, "row 2: Quoted field unterminated"],
    ["a,a\n1,2\n", {}, 'two columns are named "a"'],
    [
      "a b,a-b\n1,2\n",
      {},
      'The columns "a b" and "a-b" would both become the attribute "a_b"; "columns" can name them',
    ],
    ["a,b\n1,2\n", { columns: [{ name: "c" }] }, 'There is no column "c"; the columns are "a", "b"'],
    ["a\nx\n", { columns: [{ name: "a", type: "int" }] }, 'Row 1, column "a": "x" is not a whole number'],
  ])("csv_input: %j is refused: %j", async (text, params, message) => {
    expect(await messageOf(attributesOf(text, params))).toContain(message);
  });

  test("csv_input: without a file, those of the upstream item with the tag, one after another; its rows offer no file", async () => {
    const [one, two] = [upstream("a\n1\n2\n")[0]!.files[0]!, upstream("a\n1\n")[0]!.files[0]!];
    const other = upstream("not,a\ntable", "txt", "file/other")[0]!.files[0]!;
    const { items } = await cook({ params: { tag: "file/text" }, inputs: [{ files: [one, other, two] }] });
    expect(items.map(({ identity, attributes }) => [identity, attributes])).toEqual([
      [{ a: 1 }, { a: 1 }],
      [{ a: 2 }, { a: 2 }],
      [{ row: { a: 1 }, repeat: 1 }, { a: 1 }],
    ]);
    const none = cook({ params: { tag: "file/csv" }, inputs: [{ files: [other] }] });
    expect(await messageOf(none)).toBe(
      'The upstream item has no file tagged "file/csv"; its files are tagged file/other',
    );
    const bad = cook({ inputs: [{ files: [{ ...other, name: "bad.txt" }] }] });
    expect(await messageOf(bad)).toContain("bad.txt: row 2 has 1 cells");
  });

  test("csv_input: bytes that are no text name the file", async () => {
    const path = file(Uint8Array.of(0xff, 0xfe, 0x41));
    expect(await messageOf(cook({ params: { file: path } }))).toBe(`${path}: it is no text in UTF-8`);
  });
});

describe("json_input", () => {
  const cook = cookIn(folder, json_input);
  const attributesOf = async (value: unknown, params = {}) => {
    const { items } = await cook({ params: { file: file(JSON.stringify(value), "json"), ...params } });
    return items.map(({ attributes }) => attributes);
  };
  const path = file('[{"a":1,"b":"x","at":[{"a":7}]},{"a":2,"b":"y"}]', "json");
  holdsContract("table/json_input", json_input, {
    base: () => ({ params: { file: path } }),
    changes: () => ({
      file: { to: { file: file('[{"a":1}]', "json") } },
      tag: tagChange('[{"a":1}]', "json"),
      at: { to: { at: "/0/at" } },
      each: { from: { at: "/0" }, to: { each: false } },
      numbers: {
        from: { file: file('[{"a":9007199254740993}]', "json"), numbers: "nearest" },
        to: { numbers: "exact" },
        refused: true,
      },
      ...ROWS_CHANGES,
    }),
  });

  test("json_input: a number that would be another one is refused with its line, or the nearest is taken", async () => {
    const cookText = async (text: string, params = {}) =>
      (await cook({ params: { file: file(text, "json"), ...params } })).items.map(({ attributes }) => attributes);
    const text = '[{ "id": "9007199254740993" },\n { "id": 9007199254740993 }]';
    expect(await messageOf(cookText(text))).toMatch(/line 2: 9007199254740993 is beyond .*; "numbers": "nearest"/);
    expect((await cookText(text, { numbers: "nearest" })).map(({ id }) => id)).toEqual([
      "9007199254740993",
      9007199254740992,
    ]);
    expect(await messageOf(cookText("[1e400]"))).toContain("line 1: 1e400 is larger than any number can be");
  });

  test("json_input: a list at a pointer, members of an object with their names, plain values, or the whole", async () => {
    const value = { "a/b": { list: [{ x: [1, 2], y: { z: true, no: null } }, { x: null }] }, plain: [3, "t"] };
    expect(await attributesOf(value, { at: "/a~1b/list" })).toEqual([{ x: [1, 2], y: { z: true } }, {}]);
    expect(await attributesOf(value, { at: "/plain" })).toEqual([{ value: 3 }, { value: "t" }]);
    expect(await attributesOf({ p: { n: 1 }, q: 5 })).toEqual([
      { key: "p", n: 1 },
      { key: "q", value: 5 },
    ]);
    expect(await attributesOf({ n: 1, m: "x" }, { each: false })).toEqual([{ n: 1, m: "x" }]);
  });

  test.each([
    ["[1,", {}, "it is no JSON"],
    ['{"a":{"b":1}}', { at: "/a/c" }, 'there is nothing at "/a/c": the members are b'],
    ["[1]", { at: "/3" }, 'there is nothing at "/3": the list has 1 elements'],
    ['{"a":5}', { at: "/a" }, 'no list and no object; "each": false takes it as one row'],
    ['[{"a":[1,null]}]', {}, 'a list in "a" holds null'],
    ['[{"a":{"$file":"/etc/passwd"}}]', {}, '"a" holds the name "$file", which files alone have'],
    ['[{"__proto__":{"x":1}}]', { at: "/0/__proto__/constructor" }, "there is nothing at"],
  ])("json_input: %s is refused: %j", async (text, params, message) => {
    expect(await messageOf(cook({ params: { file: file(text, "json"), ...params } }))).toContain(message);
  });
});

describe("csv_output, json_output, sql_output", () => {
  const members = [
    { name: "one", attributes: { shot: "010", n: 1, on: true, f: 0.5, list: [1, 2], cmd: "=1+1" } },
    { name: "two", attributes: { shot: 'a "b", c', n: 2, on: false, f: 2, cmd: "-1+2" } },
  ];
  const columns = [{ attribute: "shot" }, { attribute: "n", name: "count" }];
  const shared = {
    columns: { to: { columns: [{ attribute: "shot" }] } },
    missing: { from: { columns: [...columns, { attribute: "list" }], missing: "empty" }, to: { missing: "leave_out" } },
  };
  holdsContract("table/csv_output", csv_output, {
    base: () => ({ inputs: members, params: { columns } }),
    changes: () => ({
      ...shared,
      header: { to: { header: false } },
      delimiter: { to: { delimiter: ";" } },
      formulas: { from: { columns: [{ attribute: "f" }, { attribute: "cmd" }] }, to: { formulas: "escape" } },
      output: { to: { output: "out.csv" } },
    }),
  });
  holdsContract("table/json_output", json_output, {
    base: () => ({ inputs: members, params: { columns } }),
    changes: () => ({
      ...shared,
      layout: { to: { layout: "by_key" } },
      indent: { to: { indent: 0 } },
      output: { to: { output: "out.json" } },
    }),
  });
  holdsContract("table/sql_output", sql_output, {
    base: () => ({ inputs: members, params: { columns } }),
    changes: () => ({ ...shared, table: { to: { table: "shots" } }, output: { to: { output: "out.db" } } }),
  });

  test("csv_output: what it writes, csv_input reads back", async () => {
    const all = [...columns, { attribute: "on" }, { attribute: "list" }];
    const { items } = await cookIn(folder, csv_output)({ inputs: members, params: { columns: all, missing: "empty" } });
    const { path } = items[0]!.outputs[0]!;
    expect(readFileSync(path, "utf8")).toBe('shot,count,on,list\n010,1,true,"[1,2]"\n"a ""b"", c",2,false,\n');
    const back = await cookIn(folder, csv_input)({ params: { file: path } });
    expect(back.items[1]!.attributes).toEqual({ shot: 'a "b", c', count: 2, on: "false", list: "" });
  });

  test("csv_output: what a spreadsheet would calculate stays text where that is asked for; numbers stay numbers", async () => {
    const params = { columns: [{ attribute: "cmd" }, { attribute: "n" }], formulas: "escape" };
    const { items } = await cookIn(folder, csv_output)({ inputs: members, params });
    expect(readFileSync(items[0]!.outputs[0]!.path, "utf8")).toBe(`cmd,n\n"'=1+1",1\n"'-1+2",2\n`);
  });

  test("sql_input: a semicolon at the end, in a text or in a comment is no further statement", async () => {
    const space = new CookSpace();
    try {
      await writeTable(space.path("a.db"), "t", [{ name: "n", type: "text" }], [["a;b"]]);
      const cook = cookIn(folder, sql_input);
      for (const query of [
        "select n from t;",
        "select n from t where n = 'a;b' ; -- ; more",
        'select n as "x;y" from t /* ; */',
      ])
        expect((await cook({ params: { file: space.path("a.db"), query, columns: [] } })).items).toHaveLength(1);
    } finally {
      space.remove();
    }
  });

  test("sql_input: a query without end is ended by the node's timeout", async () => {
    const space = new CookSpace();
    try {
      await writeTable(space.path("a.db"), "t", [{ name: "n", type: "integer" }], [[1]]);
      const query = "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) as n from c";
      space.graph("g.json", { rows: { type: "sql_input", timeout: 2, params: { file: "a.db", query } } });
      const cooked = await space.cook("g.json");
      expect([cooked.exit, failuresIn(cooked).rows]).toEqual([1, expect.stringContaining("2 s")]);
    } finally {
      space.remove();
    }
  });

  test("json_output: the layouts; keys that are not one item's alone are an error", async () => {
    const cook = cookIn(folder, json_output);
    const made = async (params: object, inputs: typeof members | object[] = members) => {
      const { items } = await cook({ inputs, params: { columns, ...params } });
      return JSON.parse(readFileSync(items[0]!.outputs[0]!.path, "utf8"));
    };
    expect(await made({})).toEqual([
      { shot: "010", count: 1 },
      { shot: 'a "b", c', count: 2 },
    ]);
    expect(await made({ layout: "by_key" })).toEqual({ "010": { count: 1 }, 'a "b", c': { count: 2 } });
    expect(await made({ layout: "one" }, members.slice(0, 1))).toEqual({ shot: "010", count: 1 });
    expect(await messageOf(made({ layout: "one" }))).toBe('There are 2 items, and "layout": "one" takes exactly one.');
    expect(await messageOf(made({ layout: "by_key" }, [members[0]!, members[0]!]))).toBe(
      'Two items have "010" as "shot".',
    );
    expect(await messageOf(made({ columns: [{ attribute: "list" }] }))).toBe(
      'two has no attribute "list"; "missing" can say what becomes of such items',
    );
  });

  test("sql_output: another program reads it, with types; sql_input reads it back", async () => {
    const all = [...columns, { attribute: "on" }, { attribute: "f", name: 'odd "name"' }];
    const { items } = await cookIn(folder, sql_output)({ inputs: members, params: { columns: all, table: "shots" } });
    const { path } = items[0]!.outputs[0]!;
    // Python's sqlite3 is another build of SQLite.
    const program =
      "import sqlite3,sys,json; c=sqlite3.connect(sys.argv[1]); print(json.dumps([list(r) for r in c.execute('select *, typeof(count) from shots')]))";
    expect(JSON.parse(execFileSync("python3", ["-c", program, path], { encoding: "utf8" }))).toEqual([
      ["010", 1, 1, 0.5, "integer"],
      ['a "b", c', 2, 0, 2, "integer"],
    ]);
    const params = { file: path, query: "select shot, count * 10 as tens from shots where count > ?", values: [1] };
    const back = await cookIn(folder, sql_input)({ params });
    expect(back.items.map(({ attributes }) => attributes)).toEqual([{ shot: 'a "b", c', tens: 20 }]);
  });
});

describe("sql_input", () => {
  const cook = cookIn(folder, sql_input);
  const path = join(folder, "t.db");
  const database = new Database(path);
  database.exec("create table t(a integer, b text); insert into t values (1, 'x'), (2, 'y');");
  database.exec("create view sly as select readfile('/etc/passwd') as a;");
  database.close();
  holdsContract("table/sql_input", sql_input, {
    base: () => ({ params: { file: path, query: "select a, b from t where a > ?", values: [0] } }),
    changes: () => ({
      file: { to: { file: file("", "db") }, refused: true },
      tag: {
        from: { file: null },
        to: { tag: "file/other" },
        inputs: [{ files: [{ path, tag: "file/database" }] }],
        refused: true,
      },
      query: { to: { query: "select b, a from t where a = ?" } },
      values: { to: { values: [1] } },
      ...ROWS_CHANGES,
    }),
  });

  test.each([
    ["insert into t values (3, 'z')", "the query must begin with SELECT, WITH or VALUES"],
    ["attach '/tmp/other.db' as other", "must begin with"],
    ["with x as (select 1) insert into t select 3, 'z' from x", "the query writes, and this node type only reads"],
    ["select readfile('/etc/passwd') as a", 'the query calls "readfile"'],
    ["select writefile('/tmp/x', 'y') as a", 'the query calls "writefile"'],
    ["select a from sly", "readfile"],
    ["select load_extension('x') as a", "load_extension"],
    ["select * from pragma_database_list", "virtual table"],
    ["/* */ select a, a from t", 'two columns named "a"'],
    ["select x'00' as bytes", '"bytes" holds bytes'],
    ["select 9007199254740993 as big", '"big" holds 9007199254740993'],
    ["select absent from t", "no such column: absent"],
    ["select 1 as a; select 2 as a", "there is more than one statement"],
    ["select 1 as a; /* ; */ no sql", "there is more than one statement"],
  ])("sql_input: %s is refused: %s", async (query, message) => {
    const before = readFileSync(path);
    expect(await messageOf(cook({ params: { file: path, query } }))).toContain(message);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test("sql_input: functions that only compute are called; a file that is no database is an error that names it", async () => {
    const query =
      "with n(i) as (select 1 union all select i + 1 from n where i < 3) select i, upper('a' || i) as u, sum(i) over (order by i) as s from n";
    const { items } = await cook({ params: { file: path, query } });
    expect(items.map(({ attributes }) => attributes)).toEqual([
      { i: 1, u: "A1", s: 1 },
      { i: 2, u: "A2", s: 3 },
      { i: 3, u: "A3", s: 6 },
    ]);
    const text = file("this is no database, but it is long enough to look like a header of one", "db");
    expect(await messageOf(cook({ params: { file: text, query: "select * from t" } }))).toMatch(
      /file_\d+\.db: .*not a database/,
    );
  });
});

describe("tables in a graph", () => {
  let space: CookSpace;
  beforeAll(() => {
    space = new CookSpace();
  });
  afterAll(() => space.remove());

  test("tables example: it cooks; the rows arrive in the files", async () => {
    copyExample(space, "tables.json");
    const shots = await itemsOf(space, "tables.json", "shots");
    expect(shots.map(({ label }) => label)).toEqual(["shot 010", "shot 020", "shot 030"]);
    expect(space.read("out/tables/shots.csv")).toBe("shot,length in s\n010,1\n020,2\n030,0.5\n");
    const lengths = await rowsOf(space, "tables.json", "lengths");
    expect(lengths.map(({ attributes }) => attributes.length_in_s)).toEqual([1, 2, 0.5]);
    const long = await rowsOf(space, "tables.json", "long");
    expect(long.map(({ label }) => label)).toEqual(["020: 2 s", "010: 1 s"]);
    expect(JSON.parse(space.read("out/tables/lights.json"))).toEqual({
      key: { power: 100, color: [1, 0.9, 0.8] },
      fill: { power: 40, color: null },
    });
  });

  test("csv_input: a row added in the middle makes one item; a changed delimiter is not taken for what was read before", async () => {
    space.node(
      "note",
      `export default { description: "Notes.", version: 1, params: {}, attributes: { reads: ["a"], writes: { seen: "float" } },
  inputs: { main: { description: "Rows." } }, async cook({ attributes }) { return { attributes: { seen: attributes.a } }; } };`,
    );
    const graph = (delimiter: string) =>
      space.graph("rows.json", {
        rows: { type: "csv_input", params: { file: "rows.csv", delimiter } },
        notes: { type: "studio/note", inputs: ["rows"] },
      });
    const cook = async () => cookedItems((await space.cook("rows.json")).events).length;
    graph(",");
    space.write("rows.csv", "a\n1\n2\n");
    expect(await cook()).toBe(2);
    space.write("rows.csv", "a\n1\n5\n2\n");
    expect(await cook()).toBe(1);
    space.write("rows.csv", "a;b\n1;2\n");
    await cook();
    graph(";");
    await cook();
    expect((await rowsOf(space, "rows.json", "rows")).map(({ attributes }) => attributes)).toEqual([{ a: 1, b: 2 }]);
  });

  test("csv_input: an absent file and an unknown attribute are told with their place", async () => {
    space.graph("absent.json", { rows: { type: "csv_input", params: { file: "no.csv" } } });
    const cooked = await space.cook("absent.json");
    expect([cooked.exit, failuresIn(cooked)]).toEqual([1, { rows: "The file $HIP/no.csv does not exist." }]);
    space.graph("typed.json", {
      rows: { type: "csv_input", params: { file: "rows.csv", columns: [{ name: "a" }] } },
      kept: { type: "filter_by_expression", inputs: ["rows"], params: { expression: "@b > 1" } },
    });
    const { exit, stderr } = await space.dag("check", "typed.json");
    expect([exit, stderr]).toEqual([2, expect.stringMatching(/typed\.json:\d+:\d+ .*no attribute "b"/)]);
  });
});
