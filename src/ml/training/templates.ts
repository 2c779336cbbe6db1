/** Output paths with variables: `{network}_{iteration}.safetensors`. It knows which variables there are, no files. */

/** What variables stand for. */
export interface TemplateValues {
  readonly network: string;
  readonly index: number;
  readonly iteration: number;
  /** A preview's, without extension. */
  readonly frame?: string;
}

export type Variable = keyof TemplateValues;

/** Those that every path of a model has. */
export const VARIABLES: readonly Variable[] = ["network", "index", "iteration"];
// `${NAME}` is the graph's.
const VARIABLE = /(?<!\$)\{([^{}]*)\}/g;

/** The path with its variables filled in. */
export function fillTemplate(template: string, values: TemplateValues): string {
  const known = new Map<string, unknown>(Object.entries(values));
  return template.replace(VARIABLE, (text, name: string) => String(known.get(name) ?? text));
}

/** What is wrong with a template that may have some variables; undefined where nothing is. */
export function templateProblem(template: string, variables: readonly Variable[] = VARIABLES): string | undefined {
  const known: readonly string[] = variables;
  const unknown = [...template.matchAll(VARIABLE)].map(([, name]) => name!).find((name) => !known.includes(name));
  if (unknown === undefined) return undefined;
  if (known.length === 0) return `"${template}" has the variable {${unknown}}: this path has none`;
  return `"${template}" has the unknown variable {${unknown}}: there are ${known.map((name) => `{${name}}`).join(", ")}`;
}

/** The variables that files of these values need for paths of their own, and that the template lacks. */
export function missingVariables(template: string, all: readonly TemplateValues[]): readonly (keyof TemplateValues)[] {
  const used = new Set([...template.matchAll(VARIABLE)].map(([, name]) => name));
  return VARIABLES.filter((name) => !used.has(name) && all.some((values) => values[name] !== all[0]![name]));
}
