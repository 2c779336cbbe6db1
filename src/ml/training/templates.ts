/** Output paths with variables: `{network}_{iteration}.safetensors`. It knows which variables there are, no files. */

/** What variables stand for. */
export interface TemplateValues {
  readonly network: string;
  readonly index: number;
  readonly iteration: number;
}

const VARIABLES = ["network", "index", "iteration"] as const;
// `${NAME}` is the graph's.
const VARIABLE = /(?<!\$)\{([^{}]*)\}/g;

/** The path with its variables filled in. */
export function fillTemplate(template: string, values: TemplateValues): string {
  return template.replace(VARIABLE, (text, name: string) => (isVariable(name) ? String(values[name]) : text));
}

/** What is wrong with a template; undefined where nothing is. */
export function templateProblem(template: string): string | undefined {
  const unknown = [...template.matchAll(VARIABLE)].map(([, name]) => name!).find((name) => !isVariable(name));
  if (unknown === undefined) return undefined;
  return `"${template}" has the unknown variable {${unknown}}: there are ${VARIABLES.map((name) => `{${name}}`).join(", ")}`;
}

/** The variables that files of these values need for paths of their own, and that the template lacks. */
export function missingVariables(template: string, all: readonly TemplateValues[]): readonly (keyof TemplateValues)[] {
  const used = new Set([...template.matchAll(VARIABLE)].map(([, name]) => name));
  return VARIABLES.filter((name) => !used.has(name) && all.some((values) => values[name] !== all[0]![name]));
}

function isVariable(name: string): name is (typeof VARIABLES)[number] {
  return (VARIABLES as readonly string[]).includes(name);
}
