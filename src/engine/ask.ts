/** Asks the living engine of a store. Knows requests; what is done where none lives, who asks knows. */
import { UserError } from "../base/error.js";
import type { CookEvent, EventSink } from "../event/event.js";
import { callEngine } from "./channel.js";
import type { ControlRequest, Response, Responses } from "./requests.js";

type Ask = ControlRequest["ask"];

/** Undefined where no engine lives, or where it ended without a word. Rejects with a UserError where it refuses. */
export async function askEngine<A extends Exclude<Ask, "cook">>(
  folder: string,
  request: ControlRequest & { readonly ask: A },
): Promise<Responses[A] | undefined> {
  let response: Response | undefined;
  await callEngine(folder, request, (line) => {
    response ??= line as Response;
  });
  return valueIn(response) as Responses[A] | undefined;
}

/**
 * Joins the cook that an engine is at: `sink` gets its state, and then its events, until it is over. Resolves with its exit code;
 * undefined where no engine lives, or where it ended before its cook did.
 */
export async function joinCook(
  folder: string,
  request: Extract<ControlRequest, { ask: "cook" }>,
  joined: (pid: number) => void,
  sink: EventSink,
): Promise<number | undefined> {
  let response: Response | undefined;
  let exit: number | undefined;
  await callEngine(folder, request, (line) => {
    if (response !== undefined) {
      const event = line as CookEvent;
      if (event.type === "cook_finished") exit = event.exit;
      sink(event);
      return;
    }
    response = line as Response;
    if (response.ok) joined((response.value as Responses["cook"]).pid);
  });
  valueIn(response);
  return exit;
}

function valueIn(response: Response | undefined): unknown {
  if (response?.ok === false) throw new UserError(response.message, response.exit);
  return response?.value;
}
