/** The values that JSON can hold, and how deep a text nests them. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Data has a few levels; what has more than this is meant to exhaust a program's stack. */
export const DEEPEST_JSON = 256;

/** How deep lists and objects are nested in a text, whether or not it is JSON. Takes time in proportion, and no stack. */
export function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === "[" || token === "{") deepest = Math.max(deepest, ++depth);
    else if (token === "]" || token === "}") depth -= 1;
  }
  return deepest;
}
