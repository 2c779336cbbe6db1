// Counts the words of the first input file. What it is given stands in the file that DAG_ITEM names.
import { readFileSync, writeFileSync } from "node:fs";

const { inputs, attributes } = JSON.parse(readFileSync(process.env.DAG_ITEM, "utf8"));
const words = readFileSync(inputs[0].files[0].path, "utf8").trim().split(/\s+/);
console.log(`${attributes.filename} has ${words.length} words`);
writeFileSync(
  process.env.DAG_RESULT,
  JSON.stringify({ words: words.length, longest: words.sort((a, b) => b.length - a.length)[0] }),
);
