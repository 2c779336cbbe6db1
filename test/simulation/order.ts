/** Items begin in the order of their priorities. Knows one small graph, cooked with one slot. */
import { Dice } from "../helpers/dice.js";
import { World } from "./world.js";

/** What is wrong with the order in which items began. */
export async function orderProblems(): Promise<readonly string[]> {
  const world = new World({ cpu: 1, gpu: 0 });
  const nodes = {
    many: { type: "generic_generator", params: { count: 12 } },
    work: { type: "random_work", inputs: ["many"], priority: "@number * 7 % 5", params: { reads: ["number"] } },
  };
  const begun: number[] = [];
  world.onBegun = (index) => begun.push(index);
  await world.cook(nodes, { faults: 0, trouble: 0, dice: new Dice(1, "order") });
  const priority = (index: number) => (index * 7) % 5;
  const wanted = [...begun].sort((a, b) => priority(b) - priority(a) || a - b);
  return [...world.problems, ...(begun.join() === wanted.join() ? [] : [`began in the order ${begun}, not ${wanted}`])];
}
