/** What of a world is cooked at all: a switch whose number is the same for all uses one of its nodes. */
import { loopsOf, type Placed, type Ref, type World } from "./world.js";

/** The references of an input that are used. */
export function usedOf({ type, params, settings }: Placed, refs: readonly Ref[]): readonly Ref[] {
  const input = params.input ?? 0;
  if (type !== "switch" || settings.bypass || typeof input !== "number") return refs;
  return refs.filter((_, place) => place === input % refs.length);
}

/** Numbers of the nodes that something comes of: of those below which nothing lies, and of those that they use. */
export function liveNodes(world: World): ReadonlySet<number> {
  const loops = loopsOf(world);
  const endOf = new Map(world.nodes.flatMap(({ id, closes }) => (closes === undefined ? [] : [[closes, id] as const])));
  const wired = new Set(
    world.nodes.flatMap(({ inputs }) =>
      Object.values(inputs)
        .flat()
        .map(({ id }) => id),
    ),
  );
  const live = new Set(world.nodes.map(({ id }) => id).filter((id) => !wired.has(id)));
  for (let size = -1; size < live.size; ) {
    size = live.size;
    for (const node of world.nodes.filter(({ id }) => live.has(id))) {
      for (const refs of Object.values(node.inputs)) for (const { id } of usedOf(node, refs)) live.add(id);
      if (node.closes !== undefined) live.add(node.closes);
      // A loop is cooked whole, or not at all.
      for (const [begin, inside] of loops) {
        const end = endOf.get(begin);
        if (end !== undefined && (node.id === begin || inside.has(node.id))) live.add(end);
      }
    }
  }
  return live;
}
