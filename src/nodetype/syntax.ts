/**
 * What a piece of JavaScript's syntax tree mentions: names, files, modules that it imports later, messages that it throws.
 * Knows one statement, not the module around it.
 */
import type { AnyNode, ModuleDeclaration, NewExpression, Pattern, Statement } from "acorn";
import type { TokenRange } from "./tokens.js";

export interface Mentioned {
  /** Every name in it, its own among them; a local variable that shadows a name counts as that name. */
  readonly names: ReadonlySet<string>;
  /** Literal dynamic imports, with the exports that are taken from them; undefined: any. */
  readonly later: readonly Later[];
  /** Files named as `new URL("./x", import.meta.url)`. */
  readonly beside: readonly string[];
  /** Ranges of what is for people alone: arguments of errors that are thrown, texts that are logged. */
  readonly messages: readonly TokenRange[];
}

export interface Later {
  readonly specifier: string;
  readonly names: readonly string[] | undefined;
}

export function mentionedIn(root: AnyNode): Mentioned {
  const names = new Set<string>();
  const later: Later[] = [];
  const beside: string[] = [];
  const messages: TokenRange[] = [];
  const visit = (node: AnyNode, taken?: readonly string[]): void => {
    if (node.type === "Identifier") names.add(node.name);
    else if (node.type === "ImportExpression" && node.source.type === "Literal")
      later.push({ specifier: String(node.source.value), names: taken });
    else if (node.type === "AwaitExpression") visit(node.argument, taken);
    else if (node.type === "ThrowStatement" && isMade(node.argument)) {
      visit(node.argument.callee);
      messages.push([node.argument.callee.end, node.argument.end]);
    } else {
      if (node.type === "ExpressionStatement") messages.push(...loggedBy(node.expression));
      const file = node.type === "NewExpression" ? fileOf(node) : undefined;
      if (file !== undefined) beside.push(file);
      for (const child of childrenOf(node)) visit(child, takenBy(node, child));
    }
  };
  visit(root);
  return { names, later, beside, messages };
}

/** `new RangeError(…)`: an error whose class alone can decide anything. */
function isMade(node: AnyNode): node is NewExpression {
  return node.type === "NewExpression" && node.callee.type === "Identifier" && node.callee.name.endsWith("Error");
}

/** The texts in what a statement gives to `log` or `warn`; what it computes for them counts. */
function loggedBy(node: AnyNode): TokenRange[] {
  if (node.type !== "CallExpression") return [];
  const { callee } = node;
  const called = callee.type === "MemberExpression" && !callee.computed ? callee.property : callee;
  if (called.type !== "Identifier" || !["log", "warn"].includes(called.name)) return [];
  return node.arguments.flatMap(textsIn);
}

function textsIn(node: AnyNode): TokenRange[] {
  const isText = node.type === "TemplateElement" || (node.type === "Literal" && typeof node.value === "string");
  return isText ? [[node.start, node.end]] : childrenOf(node).flatMap(textsIn);
}

/** The exports that are taken from what `child` imports: `const { a } = await import("x")`, `(await import("x")).a`. */
function takenBy(node: AnyNode, child: AnyNode): readonly string[] | undefined {
  if (child.type !== "AwaitExpression") return undefined;
  if (node.type === "MemberExpression" && !node.computed && node.property.type === "Identifier")
    return [node.property.name];
  if (node.type !== "VariableDeclarator" || node.id.type !== "ObjectPattern") return undefined;
  const names = node.id.properties.map((each) =>
    each.type === "Property" && !each.computed && each.key.type === "Identifier" ? each.key.name : undefined,
  );
  return names.every((name) => name !== undefined) ? names : undefined;
}

/** The file of `new URL("./x", import.meta.url)`. */
function fileOf({ callee, arguments: given }: NewExpression): string | undefined {
  const [path, base] = given;
  if (callee.type !== "Identifier" || callee.name !== "URL" || path?.type !== "Literal") return undefined;
  const isHere = base?.type === "MemberExpression" && base.object.type === "MetaProperty";
  return isHere && typeof path.value === "string" && /^\.{1,2}\//.test(path.value) ? path.value : undefined;
}

/** What a node is made of, but for names that are no variables: properties, labels, what is exported. */
function childrenOf(node: AnyNode): readonly AnyNode[] {
  const children: AnyNode[] = [];
  for (const [field, value] of Object.entries(node)) {
    if (isNameAlone(node, field)) continue;
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) children.push(child);
  }
  return children;
}

function isNameAlone(node: AnyNode, field: string): boolean {
  if (field === "label") return true;
  if (node.type === "MemberExpression") return field === "property" && !node.computed;
  const hasKey = node.type === "Property" || node.type === "MethodDefinition" || node.type === "PropertyDefinition";
  return hasKey && field === "key" && !node.computed;
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** The top-level names that a statement declares. */
export function declaredBy(statement: Statement | ModuleDeclaration | AnyNode): readonly string[] {
  if (statement.type === "VariableDeclaration") return statement.declarations.flatMap(({ id }) => boundBy(id));
  const declares = statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration";
  return declares && statement.id ? [statement.id.name] : [];
}

function boundBy(pattern: Pattern | null): readonly string[] {
  switch (pattern?.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((each) => boundBy(each.type === "Property" ? each.value : each.argument));
    case "ArrayPattern":
      return pattern.elements.flatMap(boundBy);
    case "AssignmentPattern":
      return boundBy(pattern.left);
    case "RestElement":
      return boundBy(pattern.argument);
    default:
      return [];
  }
}

/** Node's own makers and functions that touch nothing else. */
const PURE = new Set(
  (
    "Array BigInt Boolean Float32Array Float64Array Int32Array Map Math Number Object Promise RegExp Set String Symbol " +
    "TextDecoder TextEncoder URL Uint16Array Uint32Array Uint8Array WeakMap WeakSet fileURLToPath"
  ).split(" "),
);

/** Whether a declaration does something when its module is loaded: it calls what may have been written to act. */
export function acts(node: AnyNode): boolean {
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return false;
    case "MethodDefinition":
      return node.computed && acts(node.key);
    case "PropertyDefinition":
      return (node.computed && acts(node.key)) || (node.static && node.value ? acts(node.value) : false);
    case "AwaitExpression":
    case "AssignmentExpression":
    case "UpdateExpression":
    case "StaticBlock":
      return true;
    case "CallExpression":
    case "NewExpression":
    case "TaggedTemplateExpression":
      if (!isPure(node.type === "TaggedTemplateExpression" ? node.tag : node.callee)) return true;
      // What is given to it may be called.
      return childrenOf(node).some((child) => acts("body" in child && isNode(child.body) ? child.body : child));
    default:
  }
  return childrenOf(node).some(acts);
}

/** A method of a literal, a function of Node's own, or of what such a call returned. */
function isPure(callee: AnyNode): boolean {
  if (callee.type === "Identifier") return PURE.has(callee.name);
  if (callee.type !== "MemberExpression") return false;
  const { object } = callee;
  if (object.type === "CallExpression" || object.type === "NewExpression") return isPure(object.callee);
  return /Literal$|^ArrayExpression$/.test(object.type) || (object.type === "Identifier" && PURE.has(object.name));
}

export function nameOf(name: AnyNode): string {
  return name.type === "Identifier" ? name.name : "value" in name ? String(name.value) : "";
}
