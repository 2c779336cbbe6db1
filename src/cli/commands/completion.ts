/**
 * `dag completion SHELL`: a script by which a shell completes `dag`. The scripts ask `dag completion words -- WORDS…`, which
 * answers what may stand in the last word's place, from the commands themselves. Nothing to say: the shell offers files.
 */

import type { Argument, Command, Option } from "commander";
import { UserError } from "../../base/error.js";
import { readGraphFile } from "../../engine/open.js";
import { nodeTypes } from "../../engine/project.js";
import { child } from "../../graph/located.js";
import { readJson } from "../../graph/read.js";
import { graphCookedLast } from "../open.js";
import { print } from "../print.js";

/** What a shell evaluates to complete `dag`, by its name. What comes from a graph is never evaluated. */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# In ~/.bashrc: eval "$(dag completion bash)"
_dag() {
  local word
  COMPREPLY=()
  while IFS= read -r word; do
    COMPREPLY+=("$word")
  done < <(dag completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1)
}
complete -o default -F _dag dag
`,
  zsh: `#compdef dag
# In ~/.zshrc, after compinit: eval "$(dag completion zsh)"
_dag() {
  local -a found
  found=("\${(@f)$(dag completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null | cut -f 1)}")
  if [[ -n "\${found[1]}" ]]; then compadd -a found; else _files; fi
}
compdef _dag dag
`,
  fish: `# In ~/.config/fish/config.fish: dag completion fish | source
function __dag_words
  set -l words (commandline -opc)
  set -e words[1]
  set -l last (commandline -ct)
  dag completion words -- $words "$last" 2>/dev/null
end
complete -c dag -a '(__dag_words)'
`,
};

/** What may stand in a place, with a word about each. */
type Candidates = readonly (readonly [word: string, about: string])[];

/** Others would have to be quoted, each shell in its way. */
const PLAIN = /^[\w@.:/-]+$/;

export async function completionCommand(program: Command, shell: string, words: readonly string[]): Promise<number> {
  const script = SCRIPTS[shell];
  if (script !== undefined) print(script);
  else {
    const last = words.at(-1) ?? "";
    const found = (await candidates(program, words)).filter(([word]) => word.startsWith(last) && PLAIN.test(word));
    print(found.map(([word, about]) => `${word}\t${about}\n`).join(""));
  }
  return 0;
}

async function candidates(program: Command, words: readonly string[]): Promise<Candidates> {
  let command = program;
  const operands: string[] = [];
  const before = words.slice(0, -1);
  for (let at = 0; at < before.length; at++) {
    const word = before[at]!;
    const option = command.options.find(({ long, short }) => long === word || short === word);
    const takesValue = option !== undefined && (option.required || option.optional);
    if (takesValue && at === before.length - 1) return valuesOf(option, operands);
    if (takesValue) at += 1;
    else if (option === undefined && command.commands.length > 0) {
      command = command.commands.find((each) => each.name() === word) ?? command;
    } else if (option === undefined) operands.push(word);
  }
  if (words.at(-1)?.startsWith("-")) return optionsOf(command);
  if (command.commands.length > 0) return command.commands.map((each) => [each.name(), each.description()]);
  const { registeredArguments } = command;
  const argument = registeredArguments[operands.length] ?? registeredArguments.findLast(({ variadic }) => variadic);
  return argument === undefined ? [] : valuesOf(argument, operands);
}

function optionsOf(command: Command): Candidates {
  const options = command.options.filter(({ hidden }) => !hidden);
  return [...options.map(({ long, description }) => [long ?? "", description] as const), ["--help", "help"]];
}

/** What an option or an operand takes: the words that it lists, else names by what it is called. */
async function valuesOf(taking: Option | Argument, operands: readonly string[]): Promise<Candidates> {
  if (taking.argChoices !== undefined) return taking.argChoices.map((word) => [word, ""]);
  const name = "long" in taking ? taking.attributeName() : taking.name();
  if (name === "type") return [...nodeTypes({ folder: process.cwd() }).names].sort().map((type) => [type, "node type"]);
  if (["node", "force", "node-or-item"].includes(name)) return nodesOf(operands[0]);
  return [];
}

/** The nodes of a graph file, or of the one that was cooked last. */
async function nodesOf(operand: string | undefined): Promise<Candidates> {
  try {
    const file = operand ?? (await graphCookedLast({}));
    const { root } = readJson(file, readGraphFile(file));
    const nodes = root === undefined ? undefined : child(root, "nodes");
    return nodes?.kind === "object" ? [...nodes.members.keys()].map((node) => [node, `node of ${file}`]) : [];
  } catch (error) {
    // A graph that cannot be read has no names to offer; a cook of it says why.
    if (error instanceof UserError) return [];
    throw error;
  }
}
