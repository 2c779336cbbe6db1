/** `dag accept NODE…`: results stay though the code that made them changed, because the user says that the change does not matter. */
import { acceptResults } from "../../engine/accept.js";
import type { GraphOptions } from "../../engine/open.js";
import { counted } from "../../report/text.js";
import { type Flags, graphCookedLast, printOnStderr, typed } from "../open.js";
import { print } from "../print.js";

export interface AcceptFlags extends Flags<GraphOptions> {
  readonly graph?: string;
}

export async function acceptCommand(nodes: readonly string[], flags: AcceptFlags): Promise<number> {
  const file = await graphCookedLast(flags);
  const { accepted, others } = await acceptResults(file, { ...typed<GraphOptions>(flags), nodes }, printOnStderr);
  const kept =
    accepted === 0
      ? `Nothing to accept: no result of ${nodes.join(", ")} differs from what is asked for in its code alone.`
      : `${counted(accepted, "result")} accepted under the changed code; dag why and dag lineage say so from now on.`;
  const left =
    others === 0 ? "" : `${counted(others, "item")} would be cooked for other reasons: dag plan ${file} shows them.\n`;
  print(`${kept}\n${left}`);
  return 0;
}
