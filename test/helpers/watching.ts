/** The command line that watches, in a studio. Knows no graphs. */
import { expect } from "@jest/globals";
import type { Studio } from "./studio.js";

/** What is said once a cook of a watch is over. */
export const WAITS = "Waiting for changes";

/** Waits until the error stream has said something for the nth time. */
export type Said = (text: string, times?: number) => Promise<void>;

/** Cooks and watches until `body` is done, and ends it by a signal. Answers what was said. */
export async function watching(
  space: Studio,
  body: (said: Said) => Promise<void>,
  { args = [], signal = "SIGINT" }: { readonly args?: readonly string[]; readonly signal?: NodeJS.Signals } = {},
): Promise<string> {
  const child = space.start("cook", "g.json", "--watch", "--progress", "plain", ...args);
  let text = "";
  let heard = () => {};
  child.stderr.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    heard();
  });
  const ended = new Promise<number | null>((done) => child.on("exit", done));
  const said: Said = async (wanted, times = 1) => {
    while (text.split(wanted).length <= times) {
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  await body(said);
  child.kill(signal);
  expect(await ended).toBe(130);
  return text;
}
