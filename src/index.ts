/** The public door: what the author of a node type uses. Graphs are cooked by the command `dag`, and by `dag-cook/cook`. */
export { globMatcher } from "./base/glob.js";
export { DEEPEST_JSON, jsonDepth } from "./base/json.js";
export { isWhole, jsonNumberProblem, numberProblem } from "./base/number.js";
export { nearest } from "./base/suggest.js";
export type { Value, ValueType } from "./expression/value.js";
export type {
  AttributeFlags,
  CookContext,
  CookedFile,
  CookItem,
  CookResult,
  DiscoverContext,
  DiscoveredFile,
  DoctorLine,
  GeneratedItem,
  GeneratedLoop,
  GeneratedPartition,
  InputDeclaration,
  InputFile,
  InputMember,
  Json,
  NodeDefinition,
  OutputDeclaration,
  ParamProblem,
  Slots,
  UpstreamItem,
} from "./nodetype/define.js";
export { defineNode } from "./nodetype/define.js";
export type { ParamSchema, ParamSchemas, ParamValues } from "./nodetype/params.js";
export { tagMatches } from "./workitem/output.js";
