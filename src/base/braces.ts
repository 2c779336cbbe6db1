/** Where a glob's braces are, as `{a,b}`. Knows what separates, and nothing of what fits. */
import { UserError } from "./error.js";

/** A set of characters, after its `[`. */
export const SET = /^(!|\^)?(\]?[^\]]*)\]/;

const DEEPEST = 20;

/** Places of braces with alternatives, of the commas between these, and of their ends. */
export interface Braced {
  readonly begins: ReadonlySet<number>;
  readonly ends: ReadonlySet<number>;
}

/** Which braces have an end and a comma of their own: found out before they are read, so that nothing is read twice. */
export function bracedIn(pattern: string): Braced {
  const [begins, ends] = [new Set<number>(), new Set<number>()];
  const open: { readonly begin: number; readonly commas: number[] }[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === "\\") at += 1;
    else if (character === "[") at += SET.exec(pattern.slice(at + 1))?.[0].length ?? 0;
    else if (character === "{") open.push({ begin: at, commas: [] });
    else if (character === ",") open.at(-1)?.commas.push(at);
    else if (character === "}") {
      const { begin, commas } = open.pop() ?? { begin: at, commas: [] };
      if (commas.length > 0) begins.add(begin);
      if (commas.length > 0) for (const end of [...commas, at]) ends.add(end);
    }
    if (open.length > DEEPEST) throw new UserError(`A pattern has braces more than ${DEEPEST} deep.`);
  }
  return { begins, ends };
}
