/** Opens the runs of a cook: one for each node, and in loops one for each node and iteration. Generates nothing. */
import type { GraphNode, Source } from "../graph/graph.js";
import { sourceName } from "../graph/graph.js";
import { usedSources } from "../graph/live.js";
import { isLoop, type Loop, type LoopBlock, loopEnds } from "../graph/loops.js";
import { LoopRun } from "./loop.js";
import { NodeRun, NodeRuns, type RunOutput, type Runs } from "./run.js";

/** The run that a node has in one place; a loop's end stands for the loop around it. */
type Find = (node: GraphNode) => NodeRun;

/** Opens all runs but those of iterations, which follow when loops ask for them. `opened` is told of every run. */
export function openRuns(block: LoopBlock, nodes: readonly GraphNode[], opened: (run: NodeRun) => void): Runs {
  const ends = loopEnds(block);
  const runs = new Map<string, NodeRuns>();
  const runsOf = (node: GraphNode): NodeRuns => {
    const known = runs.get(node.name);
    if (known !== undefined) return known;
    const end = ends.get(node);
    const made = new NodeRuns(node, end && runsOf(end));
    runs.set(node.name, made);
    return made;
  };
  const note = (run: NodeRun): void => {
    runsOf(run.node).runs.push(run);
    run.listen();
    opened(run);
  };
  openBlock(
    block,
    () => {
      throw new Error("a node is fed by none of its block");
    },
    note,
  );
  return new Map(nodes.map((node) => [node.name, runsOf(node)]));
}

/** Opens the runs of a block. Answers how they are found; `outside` finds those of the blocks around. */
function openBlock(block: LoopBlock, outside: Find, note: (run: NodeRun) => void): Find {
  const here = new Map<GraphNode, NodeRun>();
  const find: Find = (node) => here.get(node) ?? outside(node);
  for (const part of block) {
    const run = isLoop(part) ? loopRun(part, find, note) : new NodeRun(part, outlets(part, find));
    here.set(isLoop(part) ? part.end : part, run);
    note(run);
  }
  return find;
}

function loopRun({ begin, end, body }: Loop, find: Find, note: (run: NodeRun) => void): LoopRun {
  return new LoopRun(begin, end, outlets(begin, find), (opening, loop) => {
    const inside: Find = (node) => (node === begin ? opening : find(node));
    note(opening);
    const closing = openBlock(body, inside, note)(end);
    closing.downstream.push(loop);
    return closing;
  });
}

function outlets(node: GraphNode, find: Find): RunOutput[][] {
  const used = usedSources(node);
  const runOf = (source: Source, isUsed: boolean): NodeRun => (isUsed ? find(source.node) : runOfNothing(source.node));
  return [...node.inputs.values()].map((sources, input) =>
    sources.map((source, place) => {
      const isUsed = used[input]?.[place] !== undefined;
      return runOf(source, isUsed).outlet(source.output, sourceName(source));
    }),
  );
}

/** Stands for a node that another does not use: there are no items, and none will come. */
function runOfNothing(node: GraphNode): NodeRun {
  const run = new NodeRun({ ...node, bypass: true }, []);
  run.complete = true;
  return run;
}
