/** The door of the expression language: text in, checked closures or problems out. Knows no graphs and no work items. */
export { type Compiled, compileExpression } from "./compile.js";
export { ownersOf } from "./names.js";
export {
  type Environment,
  EvaluationError,
  type ExpressionProblem,
  ITEM_ATTRIBUTES,
  LOOP_ATTRIBUTES,
  PARTITION_ATTRIBUTES,
  type Scope,
} from "./scope.js";
export { compileTemplate } from "./template.js";
