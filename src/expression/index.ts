/** The door of the expression language: text in, checked closures or problems out. Knows no graphs and no work items. */
export { type Compiled, compileExpression } from "./compile.js";
export {
  type Environment,
  EvaluationError,
  type ExpressionProblem,
  PARTITION_ATTRIBUTES,
  type Scope,
} from "./scope.js";
export { compileTemplate } from "./template.js";
