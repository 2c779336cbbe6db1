/** Which networks of a method are what it is for, and which are told apart by an index. It knows components, nothing of files. */
import type { Component, Method } from "./method.js";

/** The networks that the training is for, in their order. */
export function appliedOf({ components }: Pick<Method, "components">): readonly Component[] {
  return components.filter(({ applied }) => applied);
}

/** Whether there is more than one network of a role. */
export function hasIndices({ components }: Pick<Method, "components">): boolean {
  return components.some(({ index }) => index > 0);
}

/** The index where it tells networks apart. */
export function ownIndex(method: Pick<Method, "components">, index: number): { readonly index?: number } {
  return hasIndices(method) ? { index } : {};
}
