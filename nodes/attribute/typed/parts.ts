/** Lists cut into parts. Knows nothing of their elements. */

/** Parts of `size` elements, the last one with what is left. */
export function inSizes<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, part) => list.slice(part * size, (part + 1) * size));
}

/** `count` parts as even as can be, larger ones first; of fewer elements, one each. */
export function inCount<T>(list: readonly T[], count: number): readonly (readonly T[])[] {
  const parts = Math.min(count, list.length);
  const [size, larger] = [Math.floor(list.length / parts), list.length % parts];
  const start = (part: number) => part * size + Math.min(part, larger);
  return Array.from({ length: parts }, (_, part) => list.slice(start(part), start(part + 1)));
}
