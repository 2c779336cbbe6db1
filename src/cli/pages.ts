/** Markdown pages of node types, from their definitions. Knows no files. */
import type { ParamRow, TypeDescription } from "../nodetype/describe.js";

/** Path within the pages' folder and text of every page, an index among them. */
export function pagesOf(types: readonly TypeDescription[]): ReadonlyMap<string, string> {
  const pages = new Map(types.map((type) => [`${type.name}.md`, pageOf(type)]));
  const rows = types.map((type) => `| [${type.name}](${type.name}.md) | ${cell(type.description)} |`);
  pages.set("README.md", `${["# Node types", "", "| type | what it does |", "| --- | --- |", ...rows].join("\n")}\n`);
  return pages;
}

/** The page of one node type. */
export function pageOf(type: TypeDescription): string {
  const lines = [`# ${type.name}`, "", type.description, "", `Version ${type.version}.`, "", "## Inputs", ""];
  if (type.inputs.length === 0) lines.push("None.");
  for (const input of type.inputs) {
    lines.push(`- \`${input.name}\`${input.optional === true ? " (optional)" : ""}: ${input.description}`);
  }
  if (type.inputs.length > 1) lines.push("", attributesRule(type.inputs));
  if (type.outputs.length > 0) lines.push("", "## Outputs", "");
  for (const output of type.outputs) lines.push(`- \`${output.name}\`: ${output.description}`);
  const attributes = Object.entries(type.attributes);
  if (attributes.length > 0) lines.push("", "## Attributes of its items", "");
  if (attributes.length > 0 && type.attributesVary) lines.push("With the parameters' defaults:", "");
  for (const [name, kind] of attributes) lines.push(`- \`${name}\`: ${kind}`);
  lines.push("", "## Parameters", "");
  if (type.params.length === 0) lines.push("None.");
  else {
    lines.push("| parameter | type | default | range | meaning |", "| --- | --- | --- | --- | --- |");
    for (const row of type.params) lines.push(`| ${rowCells(row).join(" | ")} |`);
  }
  if (type.params.some(({ effect }) => !effect)) {
    lines.push("", "† Has no effect on the result: changing it cooks nothing again.");
  }
  return `${lines.join("\n")}\n`;
}

/** Which attributes items of several inputs have. */
function attributesRule(inputs: TypeDescription["inputs"]): string {
  const main = inputs.find((input) => input.main === true) ?? inputs[0]!;
  const others = inputs.filter((input) => input !== main);
  return (
    `An attribute (\`@filename\`) is that of \`${main.name}\`, or of another input where \`${main.name}\` has none of that name. ` +
    `Write an input's name before it to choose: ${others.map(({ name }) => `\`@${name}.filename\``).join(", ")}.`
  );
}

function rowCells(row: ParamRow): string[] {
  const name = `\`${row.name}\`${row.effect ? "" : " †"}`;
  const otherwise = row.required ? "required" : row.default === "" ? "" : `\`${row.default}\``;
  return [name, cell(row.type), cell(otherwise), cell(row.range), cell(row.description)];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
