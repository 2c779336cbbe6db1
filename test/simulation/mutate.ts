/** Faults in a module: a place in it is named by its syntax, whatever spaces, brackets and line breaks its text has. Knows no engine. */
import { type Node, parse } from "acorn";

/** What stands at a place (an expression, or a statement with its semicolon), what is put there, and the function or method around it. */
export type Change = readonly [place: string, instead: string, within?: string];

/** The module with its changes. Throws where a place is not there exactly once. */
export function mutated(source: string, changes: readonly Change[]): string {
  return changes.reduce(changed, source);
}

function changed(source: string, [place, instead, within]: Change): string {
  const [wanted, ...more] = parsed(place.startsWith("{") ? `(${place})` : place).body;
  if (wanted === undefined || more.length > 0) throw new Error(`${place} is not one expression or statement`);
  const isStatement = place.endsWith(";") || wanted.type !== "ExpressionStatement";
  const shape = shapeOf(isStatement ? wanted : wanted.expression);
  const found: Node[] = [];
  const visit = (value: unknown, inside: boolean): void => {
    if (Array.isArray(value)) for (const each of value) visit(each, inside);
    if (!isNode(value)) return;
    if (inside && shapeOf(value) === shape) found.push(value);
    const isInside = inside || (within !== undefined && nameOf(value) === within);
    for (const member of Object.values(value)) visit(member, isInside);
  };
  visit(parsed(source), within === undefined);
  const [node] = found;
  if (node === undefined || found.length > 1) throw new Error(`${place} is there ${found.length} times`);
  return source.slice(0, node.start) + instead + source.slice(node.end);
}

const parsed = (text: string) =>
  parse(text, {
    ecmaVersion: "latest",
    sourceType: "module",
    allowReturnOutsideFunction: true,
    checkPrivateFields: false,
  });

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

/** What a node is, without where it stands and how it is spelled. */
function shapeOf(node: Node): string {
  return JSON.stringify(node, (key, value) => (key === "start" || key === "end" || key === "raw" ? undefined : value));
}

/** The name of a function or method. */
function nameOf(node: Node): string | undefined {
  const { id, key } = node as { id?: { name?: string } | null; key?: { name?: string } };
  if (node.type === "FunctionDeclaration" || node.type === "VariableDeclarator") return id?.name;
  return node.type === "MethodDefinition" || node.type === "Property" ? key?.name : undefined;
}
