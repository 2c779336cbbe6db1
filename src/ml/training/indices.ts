/** Which networks of a method are told apart by an index: in paths, tags and names. It knows components, nothing of files. */
import type { Component, Method } from "./method.js";

/** The method's generators, in the order of their indices. */
export function generatorsOf({ components }: Method): readonly Component[] {
  return components.filter(({ network }) => network === "generator");
}

/** Whether there is more than one network of a kind. */
export function hasIndices({ components }: Method): boolean {
  return components.some(({ index }) => index > 0);
}

/** The index where it tells networks apart. */
export function ownIndex(method: Method, index: number): { readonly index?: number } {
  return hasIndices(method) ? { index } : {};
}
