/** What an item's cook is shown of a world, told once more for the model. Knows items, and not where they come from. */
import { evaluated, NoValue, textOf } from "./expressions.js";
import { type Attribute, type Item, type Member, seenAttribute } from "./items.js";
import { KINDS } from "./kinds.js";
import type { Seen, SeenFile } from "./works.js";
import type { Placed, World } from "./world.js";

/** All that an item's cook is shown; undefined where it cannot be told, and the item fails. */
export function seenBy(node: Placed, item: Item, { files, code }: World): Seen | undefined {
  const { params, type } = node;
  const reads = (params.reads as readonly string[] | undefined) ?? [];
  const paths = (params.extras as readonly string[] | undefined) ?? [];
  const variables = (params.variables as readonly string[] | undefined) ?? [];
  if (paths.some((path) => files[path] === undefined)) return undefined;
  const names = [...new Set(reads)].sort();
  const memberOf = (member: Member) => ({
    attributes: known(names, (name) => seenAttribute(member, name)),
    files: member.files.map(({ name, tag, content }): SeenFile => ({ name, tag, content })),
  });
  const inputs = KINDS[type]!.inputs.map((name, group) => [name, item.members(group).map(memberOf)] as const);
  try {
    const output = params.output === undefined ? null : textOf(String(params.output), node, item);
    return {
      code: `${type.slice("fuzz/".length)} ${code[type] ?? 0}`,
      text: textOf(String(params.text ?? ""), node, item),
      amount: Number(evaluated(params.amount ?? 0, node, item)),
      reads,
      mode: (params.mode as Seen["mode"] | undefined) ?? "all",
      set: String(params.set ?? ""),
      fail_at: (params.fail_at as number | undefined) ?? null,
      output: output === null ? null : output.slice(output.lastIndexOf("/") + 1),
      extras: paths.map((path) => [path.slice(path.lastIndexOf("/") + 1), files[path]!]),
      attributes: known(names, (name) => item.attribute(name)),
      variables,
      env: known(variables, (name) => item.attribute(name)) as Seen["env"],
      inputs: Object.fromEntries(inputs.filter(([, members]) => members.length > 0)),
    };
  } catch (error) {
    if (!(error instanceof NoValue)) throw error;
    return undefined;
  }
}

/** The attributes of these names that there are. */
export function known(
  names: readonly string[],
  look: (name: string) => Attribute | undefined,
): Readonly<Record<string, Attribute>> {
  const pairs = names.map((name) => [name, look(name)] as const);
  return Object.fromEntries(pairs.filter((pair): pair is readonly [string, Attribute] => pair[1] !== undefined));
}
