/** `dag stop ITEM [GRAPH]`: asks the cook that runs in a project to stop one item, which may save what it has. */
import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { realFiles } from "../../base/files.js";
import { ask } from "../../cache/door.js";
import { thisHost } from "../../cache/lock.js";
import type { Cook } from "../../cook/cook.js";
import type { Stopped } from "../../cook/stops.js";
import { CommandError } from "../fail.js";
import { projectOf, storeOf } from "../project.js";

/** What is asked. `graph`: relative to the project; null: whichever is cooked. */
interface Wish {
  readonly stop: string;
  readonly graph: string | null;
}

export async function stopCommand(
  item: string,
  graph: string | undefined,
  options: { readonly store?: string },
): Promise<number> {
  if (graph !== undefined && !existsSync(graph)) throw new CommandError(`There is no graph file ${graph}.`, 2);
  const project = projectOf(graph === undefined ? process.cwd() : resolve(dirname(graph)));
  const folder = storeOf(project, options.store);
  const wish: Wish = { stop: item, graph: graph === undefined ? null : relative(project, resolve(graph)) };
  const answer = (await ask({ folder, files: realFiles, host: thisHost() }, wish)) as Stopped | undefined;
  if (answer === undefined) throw new CommandError(`Nothing is cooking with the store ${folder}.`, 2);
  if (!answer.ok) throw new CommandError(answer.said, 2);
  process.stdout.write(`${answer.said}\n`);
  return 0;
}

/** The cook's side. `cook`: the one under way, if any; `graph`: what it cooks, relative to the project. */
export function answerWish(question: unknown, cook: Cook | undefined, graph: string): Stopped {
  if (!isWish(question))
    return { ok: false, said: "This cook does not understand what it is asked; is it of another dag?" };
  if (question.graph !== null && question.graph !== graph) {
    return { ok: false, said: `The cook that runs here is of ${graph}, not of ${question.graph}.` };
  }
  return cook === undefined ? { ok: false, said: "The cook has not begun yet." } : cook.stopItem(question.stop);
}

function isWish(question: unknown): question is Wish {
  if (typeof question !== "object" || question === null) return false;
  const { stop, graph } = question as Partial<Wish>;
  return typeof stop === "string" && (graph === null || typeof graph === "string");
}
