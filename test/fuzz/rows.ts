/**
 * Items of the engine and of the model in the same words, so that they can be compared: state, attributes, files by name,
 * tag and digest. Knows no disk, and nothing of what was cooked.
 */
import { hash } from "node:crypto";
import type { SessionReport } from "../../src/cook/session.js";
import { outcomeText } from "../../src/report/words.js";
import type { NodeRecord } from "../../src/unchanged/pieces.js";
import type { WorkItem } from "../../src/workitem/item.js";
import { isGood } from "../../src/workitem/state.js";
import { Broken } from "./broken.js";
import type { Item } from "./items.js";
import type { Model } from "./model.js";
import type { Placed } from "./world.js";

/** A text for each item, by node; those of a node in a loop in no order that counts. */
export type Rows = ReadonlyMap<number, readonly string[]>;

export function rowsOfEngine(report: SessionReport, model: Model): Rows {
  return rowsOf(model, (node) => (report.runs.get(node.name)?.items ?? []).map(rowOfEngine));
}

export function rowsOfModel(model: Model): Rows {
  return rowsOf(model, (node) => model.items(node.id).map(rowOfModel));
}

function rowsOf(model: Model, ofNode: (node: Placed) => string[]): Rows {
  return new Map(model.nodes.map((node) => [node.id, model.isRepeated(node) ? ofNode(node).sort() : ofNode(node)]));
}

/** Throws Broken with the first item that is another. `other`: whose rows the expected ones are. */
export function requireSame(
  other: string,
  rows: Rows,
  expected: Rows,
  { model, report }: { readonly model: Model; readonly report: SessionReport },
): void {
  for (const { id, name } of model.nodes) {
    const [ours, theirs] = [rows.get(id)!, expected.get(id)!];
    const count = Math.max(ours.length, theirs.length);
    for (let place = 0; place < count; place++) {
      if (ours[place] === theirs[place]) continue;
      const reasons = [...(report.runs.get(name)?.items ?? [])].flatMap(({ outcome }) => outcomeText(outcome) ?? []);
      throw new Broken(
        `item ${place} of ${name} is\n  ${ours[place]}\n  for ${other} it is\n  ${theirs[place]}\n  ${reasons.join("; ")}`,
      );
    }
  }
}

/**
 * Throws Broken where what stood in a cook, and what was made beside it, is not what there is when each item is judged: as many items,
 * and each that was made at its place. `held`: what stood; `made`: that cook; `report`: the one that judges all.
 */
export function requireHeld(held: readonly NodeRecord[], made: SessionReport, report: SessionReport): void {
  for (const { node, ...stood } of held) {
    const all = report.runs.get(node)?.items ?? [];
    const some = made.runs.get(node)?.items ?? [];
    const [is, beside] = [countsOf(all), countsOf(some)];
    for (const name of ["items", "cached", "notScheduled"] as const)
      if (stood[name] + beside[name] !== is[name])
        throw new Broken(`${node}: ${stood[name]} stood and ${beside[name]} were made, of ${is[name]} ${name}`);
    for (const item of some) {
      const same = all[item.index];
      if (same?.key !== item.key || rowOfEngine(same) !== rowOfEngine(item))
        throw new Broken(`${item.name} was made at ${item.index} as ${rowOfEngine(item)}`);
    }
  }
}

function countsOf(items: readonly WorkItem[]) {
  const good = items.filter(({ state }) => isGood(state));
  const notScheduled = good.filter((item) => item.notScheduled).length;
  const cached = good.filter((item) => item.hasWork && !item.notScheduled).length;
  return { items: good.length, notScheduled, cached };
}

/** Holds items to their keys: each has the same in every cook, and no other of its node has it. */
export class Keys {
  /** By what the items are, in the model's words. */
  readonly #keys = new Map<number, string>();

  /** Throws Broken. */
  require(model: Model, report: SessionReport): void {
    for (const node of model.nodes) {
      if (model.isRepeated(node)) continue;
      const items = model.items(node.id);
      const found = new Set<string>();
      for (const [place, { key, name }] of (report.runs.get(node.name)?.items ?? []).entries()) {
        const { identity } = items[place]!;
        const before = this.#keys.get(identity) ?? key;
        this.#keys.set(identity, key);
        if (before !== key) throw new Broken(`${name} is what it was, and has another key`);
        if (found.has(key)) throw new Broken(`two items have the name ${name}`);
        found.add(key);
      }
    }
  }
}

function rowOfModel(item: Item): string {
  const files = item.offered().map(({ name, tag, content }) => [name, tag, digestOf(content)]);
  return rowText(item.state, item, files);
}

function rowOfEngine(item: WorkItem): string {
  const good = item.notScheduled ? "skipped" : "good";
  const bad = item.state === "cooked_fail" ? "failed" : item.state.replace("cooked_cancel", "cancelled");
  const files = item.offered().map(({ name, tag, digest }) => [name, tag, digest]);
  return rowText(isGood(item.state) ? good : bad, item, files);
}

function rowText(state: string, item: Pick<Item | WorkItem, "attributeNames" | "attribute">, files: unknown): string {
  const attributes: unknown[] = [];
  for (const name of [...item.attributeNames()].sort()) {
    const value = item.attribute(name);
    if (value !== undefined) attributes.push(name, value);
  }
  return JSON.stringify([state, attributes, files]);
}

const digests = new Map<string, string>();

/** SHA-256 of bytes that are written as Latin-1. */
export function digestOf(content: string): string {
  const known = digests.get(content);
  if (known !== undefined) return known;
  if (digests.size > 100_000) digests.clear();
  const digest = hash("sha256", Buffer.from(content, "latin1"));
  digests.set(content, digest);
  return digest;
}
