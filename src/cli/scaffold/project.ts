/** The texts of a new project beside its first node type. Touches no file. */
import { nodeGraph } from "./node.js";

/** The node type that a new project begins with. */
export const FIRST_NODE = "studio/brighten";

/** By path: what a new project holds, for a package name and the version of `dag-cook` that made it. */
export function projectTexts(name: string, version: string): ReadonlyMap<string, string> {
  return new Map([
    ["package.json", `${JSON.stringify(packageOf(name, version), null, 2)}\n`],
    ["tsconfig.json", `${JSON.stringify(TSCONFIG, null, 2)}\n`],
    [".gitignore", "node_modules/\n.dag/\nout/\n"],
    [
      "graphs/main.json",
      nodeGraph(FIRST_NODE).replaceAll("../../", "../").replace(`out/${FIRST_NODE}.png`, "out/sheet.png"),
    ],
    ["README.md", readme(name)],
  ]);
}

function packageOf(name: string, version: string): object {
  return {
    name,
    private: true,
    type: "module",
    scripts: { cook: "dag cook graphs/main.json", test: "dag test", types: "tsc" },
    devDependencies: { "@types/node": "^20.19.0", "dag-cook": `^${version}`, typescript: ">=5.8" },
  };
}

const TSCONFIG = {
  compilerOptions: {
    target: "es2023",
    module: "nodenext",
    strict: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
  },
  include: ["nodes"],
};

function readme(name: string): string {
  return `# ${name}

\`\`\`
dag cook graphs/main.json      # cook the graph; again: nothing is left to do
dag new node studio/blur       # a node type, its test, a graph and a page
dag test                       # the tests of nodes/
dag cook graphs/main.json --watch
\`\`\`

Node types lie in \`nodes/<area>/<name>.ts\` and are named by their path. \`npm install\` brings the types for an editor and
\`npm run types\`. The graph's \`$schema\` lets an editor complete it; \`dag nodes --schema > graph.schema.json\` brings it up to date.
`;
}
