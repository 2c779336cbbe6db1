/** `dag lineage FILE`: all that a file came from. It reads the store's manifests, and needs neither its database nor a graph. */
import { existsSync, statSync } from "node:fs";
import { basename } from "node:path";
import { UserError } from "../../base/error.js";
import { realFiles } from "../../base/files.js";
import { type Digest, digestOfFile } from "../../base/hash.js";
import { projectOf, storeOf } from "../../engine/project.js";
import { reasonValue as valueText } from "../../report/reasons.js";
import { counted, duration, momentText } from "../../report/text.js";
import { type Lineage, type LineageItem, lineageOf } from "../../store/lineage.js";
import { refuseLinks } from "../../store/links.js";
import { logFolder, readLog } from "../../store/log.js";
import { print } from "../print.js";

export interface LineageOptions {
  readonly store?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** Files of one node that are shown below one item, unless all are asked for. */
const SHOWN = 3;

export async function lineageCommand(asked: string, options: LineageOptions): Promise<number> {
  const store = storeOf(projectOf(process.cwd()), options.store);
  const digest = await digestAsked(asked);
  refuseLinks(realFiles, store);
  const folder = logFolder(store);
  if (!existsSync(folder)) throw new UserError(`Nothing was cooked here yet: there are no manifests in ${store}.`, 2);
  const lineage = lineageOf(digest, readLog(realFiles, folder));
  if (options.json === true) print(`${JSON.stringify(asJson(asked, digest, lineage), null, 2)}\n`);
  else if (lineage.makers.length > 0) print(`${text(asked, digest, lineage, options.all === true)}\n`);
  if (lineage.makers.length > 0) return 0;
  throw new UserError(
    lineage.readers > 0
      ? `${asked} was made by no item: it is a source file, which ${counted(lineage.readers, "result")} of the store came from.`
      : `No item of the store ${store} made ${asked}, as it is now (${digest}). It was edited, or comes from elsewhere.`,
    1,
  );
}

/** Of a file, or the digest itself. */
async function digestAsked(asked: string): Promise<Digest> {
  const found = statSync(asked, { throwIfNoEntry: false });
  if (found?.isFile()) return digestOfFile(asked);
  if (found !== undefined) throw new UserError(`${asked} is a folder: say which file in it.`, 2);
  if (/^[0-9a-f]{64}$/.test(asked)) return asked as Digest;
  throw new UserError(`There is no file ${asked}.`, 2);
}

function asJson(file: string, digest: Digest, { makers, items, sources }: Lineage) {
  const item = ({ result, parts, inputs }: LineageItem) => {
    const { fingerprint, name, node, created, seconds, outputs } = result;
    const { files: _, params, attributes, variables, ...others } = parts;
    return {
      fingerprint,
      name,
      node,
      ...others,
      created,
      seconds,
      params: Object.fromEntries(params),
      attributes: Object.fromEntries(attributes),
      variables: Object.fromEntries(variables),
      inputs,
      outputs: outputs.map(({ name: called, tag, digest: bytes, size }) => ({
        name: called,
        tag,
        digest: bytes,
        size,
      })),
    };
  };
  return { version: 2, file, digest, makers, items: [...items.values()].map(item), sources };
}

function text(asked: string, digest: Digest, lineage: Lineage, all: boolean): string {
  const [first, ...others] = lineage.makers;
  const lines = [`${basename(asked)}  ${digest}`];
  const shown = new Set<Digest>();
  if (first !== undefined) lines.push(...itemLines(first, lineage, shown, all, "  "));
  if (others.length > 0) {
    const names = others.slice(0, SHOWN).map((other) => lineage.items.get(other)?.result.name);
    const more = others.length > SHOWN ? ` and ${others.length - SHOWN} more` : "";
    lines.push(`The same bytes were made by ${names.join(", ")}${more}.`);
  }
  lines.push(lineage.sources.length === 0 ? "No source files: it came from parameters alone." : "Source files:");
  return [...lines, ...lineage.sources.map(({ digest: bytes, name }) => `  ${bytes}  ${name}`)].join("\n");
}

function itemLines(print: Digest, lineage: Lineage, shown: Set<Digest>, all: boolean, indent: string): string[] {
  const { result, parts, inputs } = lineage.items.get(print) as LineageItem;
  const head = `${indent}${result.name} of node ${result.node} (${parts.type})`;
  if (shown.has(print)) return [`${head}, shown above`];
  shown.add(print);
  const made = momentText(new Date(result.created).toISOString());
  const attributes = parts.attributes.map(([name, value]) => [`@${name}`, value] as const);
  const named = [...parts.params, ...attributes, ...parts.variables];
  const values = named.map(([name, value]) => `${name}=${valueText(value)}`);
  if (parts.seed !== undefined) values.push(`seed=${parts.seed}`);
  const lines = [`${head}, made ${made} UTC in ${duration(result.seconds)}`];
  if (values.length > 0) lines.push(`${indent}  ${values.join("  ")}`);
  for (const { at } of parts.accepted)
    lines.push(`${indent}  kept under changed code (dag accept) ${momentText(at)} UTC`);
  if (parts.packages.length > 0) lines.push(`${indent}  with ${parts.packages.join(", ")}`);
  const counts = new Map<string, number>();
  for (const { from, field, digest, name } of inputs) {
    const origin = from === undefined ? "source files" : `files of node ${lineage.items.get(from)?.result.node}`;
    const count = (counts.get(origin) ?? 0) + 1;
    counts.set(origin, count);
    if (count > SHOWN && !all) continue;
    lines.push(`${indent}  ${field} ${name}  ${digest.slice(0, 12)}${from === undefined ? "  (source file)" : ""}`);
    if (from !== undefined) lines.push(...itemLines(from, lineage, shown, all, `${indent}    `));
  }
  for (const [origin, count] of counts) {
    if (count > SHOWN && !all) lines.push(`${indent}  and ${count - SHOWN} more ${origin} (--all shows them)`);
  }
  return lines;
}
