/** The door `dag-cook/testing`: what a node type's test uses. Knows no test runner. */
export {
  type CookedItem,
  type CookedOnce,
  type CookedOutput,
  cookOnce,
  type NodeCase,
} from "./cook-once.js";
export { cookTwice } from "./cook-twice.js";
export { type NodeTypeTest, type ParamChange, testNodeType } from "./node-type.js";
export type { Upstream } from "./plan.js";
export { scratch } from "./scratch.js";
