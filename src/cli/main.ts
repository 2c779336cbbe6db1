#!/usr/bin/env node
/**
 * The command `dag`: the only reader of the arguments, the only place that sets the exit code. It is a table of commands, and
 * as long as there are many.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { MOST_ITEMS } from "../cook/request.js";
import { endOf } from "./fail.js";
import { print, printError } from "./print.js";
import { ownVersion } from "./version.js";
import { checkWorkingFolder } from "./working.js";

const program = new Command("dag");

/** Says why the command ends otherwise than by its answer. */
function fail(error: unknown): void {
  const { message, exit } = endOf(error);
  printError(`${message}\n`);
  process.exitCode = exit;
}

program
  .description(
    "Cooks graphs of nodes: work items in order, on CPU and GPU slots, each result kept and none made twice.",
  )
  .version(ownVersion())
  .showHelpAfterError("(dag --help shows all commands)")
  .configureOutput({ writeOut: print, writeErr: printError })
  .exitOverride();

const list = (value: string, before: readonly string[] = []): string[] => [...before, value];
const count =
  (least: number) =>
  (value: string): number => {
    const number = Number(value);
    if (!Number.isInteger(number) || number < least)
      throw new InvalidArgumentError(`It is a whole number from ${least}.`);
    return number;
  };

/** One of several forms of an answer. */
const form = (flag: string, meaning: string, ...others: string[]): Option =>
  new Option(flag, meaning).conflicts(others);

/** Ends with the code that a command answers. Each command's code is loaded only when it runs. */
async function run(work: () => Promise<number>): Promise<void> {
  checkWorkingFolder();
  process.exitCode = await work();
}

function withGraphOptions(command: Command): Command {
  return command
    .option("--set <node.param=JSON>", "put a value over the graph's; may be repeated", list)
    .option("--wedge <node.param=a,b,c>", "cook the node once for each value; may be repeated", list)
    .option("--allow <dir>", "allow paths in this folder, too; may be repeated", list)
    .option("--allow-write <dir>", "with --untrusted: let outputs go to this folder, too; may be repeated", list)
    .option("--untrusted", "a graph of a stranger: no programs, servers, own node code, variables of the environment")
    .option("--store <dir>", "the store of results (default: .dag in the project's folder)")
    .option("--max-items <n>", `work items that a graph may make (default: ${MOST_ITEMS})`, count(1));
}

withGraphOptions(program.command("cook <graph>").description("cook a graph"))
  .option("--node <node>", "cook this node and what it needs; may be repeated", list)
  .option("--item <item>", "cook this work item and what it needs")
  .option("--force <node>", "cook this node's items whatever the store holds; may be repeated", list)
  .option("--watch", "cook again whenever the graph, its files or the code of its cooks change")
  .option("--dry-run", "show what would be cooked, as dag plan does")
  .option("--cpu-slots <n>", "CPU slots (default: all cores)", count(1))
  .option("--gpu-slots <n>", "GPU slots (default: the GPUs found)", count(0))
  .option("--memory-limit <MB>", "what each worker may use, where its node does not say (default: any)", count(1))
  .option("--no-disk-check", "cook whatever room there is on the disks")
  .addOption(
    new Option("--progress <how>", "how progress is shown")
      .choices(["auto", "tty", "plain", "json", "quiet"])
      .default("auto"),
  )
  .action((file, options) => run(async () => (await import("./commands/cook.js")).cookCommand(file, options)));

withGraphOptions(program.command("check <graph>").description("check a graph and cook nothing")).action(
  (file, options) => run(async () => (await import("./commands/graph.js")).checkCommand(file, options)),
);

withGraphOptions(program.command("plan <graph>").description("show what a cook would do, and why"))
  .option("--node <node>", "only this node and what it needs; may be repeated", list)
  .option("--force <node>", "as cook --force", list)
  .option("--cpu-slots <n>", "as cook --cpu-slots", count(1))
  .option("--gpu-slots <n>", "as cook --gpu-slots", count(0))
  .option("--json", "as JSON")
  .action((file, options) => run(async () => (await import("./commands/plan.js")).printPlan(file, options)));

withGraphOptions(program.command("items <graph>").description("the table of work items and their attributes"))
  .option("--node <node>", "only this node's items; may be repeated", list)
  .option("--where <expression>", "only items for which this holds, such as '@learning_rate < 5e-4'")
  .option("--columns <names>", "these columns, separated by commas")
  .addOption(form("--json", "as JSON", "csv"))
  .addOption(form("--csv", "as CSV"))
  .action((file, options) => run(async () => (await import("./commands/items.js")).itemsCommand(file, options)));

withGraphOptions(
  program.command("verify <graph>").description("cook a sample of what is in the store again, and compare"),
)
  .option("--node <node>", "only this node's items; may be repeated", list)
  .option("--sample <n>", "how many items of each node", count(1), 3)
  .option("--cpu-slots <n>", "as cook --cpu-slots", count(1))
  .option("--gpu-slots <n>", "as cook --gpu-slots", count(0))
  .action((file, options) => run(async () => (await import("./commands/verify.js")).verifyCommand(file, options)));

withGraphOptions(program.command("why <item>").description("why an item would be cooked, or not"))
  .option("--graph <file>", "the graph (default: the one cooked last)")
  .option("--force <node>", "as cook --force", list)
  .option("--json", "as JSON")
  .action((item, options) => run(async () => (await import("./commands/why.js")).whyCommand(item, options)));

program
  .command("lineage <file>")
  .description("all that a file came from: items, parameters, source files; told by its bytes, wherever it lies")
  .option("--all", "every file, not the first few of each node")
  .option("--store <dir>", "the store of results")
  .option("--json", "as JSON")
  .action((file, options) => run(async () => (await import("./commands/lineage.js")).lineageCommand(file, options)));

withGraphOptions(program.command("accept <node...>").description("keep results though the code of their nodes changed"))
  .option("--graph <file>", "the graph (default: the one cooked last)")
  .action((nodes, options) => run(async () => (await import("./commands/accept.js")).acceptCommand(nodes, options)));

withGraphOptions(program.command("dirty <node-or-item>").description("have items cooked again"))
  .option("--graph <file>", "the graph (default: the one cooked last)")
  .option("--downstream", "and all that lies below")
  .action((name, options) => run(async () => (await import("./commands/store.js")).dirtyCommand(name, options)));

program
  .command("stop <item> [graph]")
  .description("stop one item of the cook that runs; it may save what it has, and the rest goes on")
  .option("--store <dir>", "the store of results")
  .action((item, graph, options) =>
    run(async () => (await import("./commands/stop.js")).stopCommand(item, graph, options)),
  );

withGraphOptions(program.command("graph <graph>").description("draw a graph"))
  .addOption(form("--dot", "for Graphviz (default)", "mermaid", "svg", "json"))
  .addOption(form("--mermaid", "for Mermaid", "svg", "json"))
  .addOption(form("--svg", "as a picture: dag graph GRAPH --svg > graph.svg", "json"))
  .addOption(form("--json", "as JSON"))
  .action((file, options) => run(async () => (await import("./commands/graph.js")).graphCommand(file, options)));

program
  .command("nodes [type]")
  .description("the node types, or one with its parameters")
  .option("--json", "as JSON")
  .option("--schema", "the JSON Schema of graph files, for editors: dag nodes --schema > graph.schema.json")
  .option("--pages <dir>", "write a Markdown page for each node type")
  .action((type, options) => run(async () => (await import("./commands/graph.js")).nodesCommand(type, options)));

program
  .command("init <dir>")
  .description("make a project that cooks: a graph, pictures, a node type with its test")
  .action((folder) => run(async () => (await import("./commands/init.js")).initCommand(folder)));

program
  .command("new")
  .description("make something new in the project around the working folder")
  .addCommand(
    new Command("node")
      .argument("<type>", "its name, such as studio/blur")
      .description("a node type, its test, an example graph and its page")
      .action((type) => run(async () => (await import("./commands/new.js")).newNodeCommand(type))),
  );

program
  .command("test [files...]")
  .description("run the project's own tests: nodes/**/*.test.{ts,js} and test/**")
  .action((files) => run(async () => (await import("./commands/test.js")).testCommand(files)));

program
  .command("migrate <graphs...>")
  .description("bring graphs to the present versions of their node types: shows the difference and writes it")
  .option("--dry-run", "only show the difference")
  .action((files, options) => run(async () => (await import("./commands/migrate.js")).migrateCommand(files, options)));

program
  .command("runs [run]")
  .description("past cooks, and how far their predictions were off; with a number, one cook node by node")
  .option("--limit <n>", "how many", count(1), 20)
  .option("--store <dir>", "the store of results")
  .option("--json", "as JSON")
  .action((which, options) => run(async () => (await import("./commands/runs.js")).runsCommand(which, options)));

program
  .command("log <item>")
  .description("the log of an item's last cook")
  .option("--store <dir>", "the store of results")
  .action((item, options) => run(async () => (await import("./commands/store.js")).logCommand(item, options)));

program
  .command("cache")
  .description("the store of results: its size, whether it is whole, and what can go")
  .addArgument(
    program.createArgument("<action>", "gc removes what nothing refers to").choices(["stats", "verify", "gc"]),
  )
  .option("--store <dir>", "the store of results")
  .option("--days <n>", "gc: keep also what was made in the last n days (default: 30)", count(0))
  .action((action, options) => run(async () => (await import("./commands/store.js")).cacheCommand(action, options)));

program
  .command("doctor")
  .description("what this machine has: devices, runtimes, disk, versions")
  .option("--deep", "compare every operation of every runtime with plain arithmetic (minutes on some devices)")
  .action((options) => run(async () => (await import("./commands/doctor.js")).doctorCommand(options)));

program
  .command("completion")
  .description('a script by which a shell completes dag: eval "$(dag completion bash)"')
  .addArgument(program.createArgument("<shell>").choices(["bash", "zsh", "fish", "words"]))
  .argument("[words...]", "with words: the command line to its last word, after --")
  .action((shell, words) =>
    run(async () => (await import("./commands/completion.js")).completionCommand(program, shell, words)),
  );

// Who reads us may have enough: `dag items … | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

// Progress that nobody reads any more is no reason to stop.
process.stderr.on("error", () => {});

// Nobody waits for what a timer does.
process.on("uncaughtException", (error) => {
  fail(error);
  process.exit();
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else fail(error);
}
