/** All functions by name. Knows no syntax; the language's page lists them for users. */
import type { FunctionDefinition } from "./function.js";
import { ITEM_FUNCTIONS } from "./functions-item.js";
import { LIST_FUNCTIONS } from "./functions-list.js";
import { NUMBER_FUNCTIONS } from "./functions-number.js";
import { TEXT_FUNCTIONS } from "./functions-text.js";

export const FUNCTIONS: ReadonlyMap<string, FunctionDefinition> = new Map(
  [...NUMBER_FUNCTIONS, ...TEXT_FUNCTIONS, ...LIST_FUNCTIONS, ...ITEM_FUNCTIONS].map((definition) => [
    definition.usage.slice(0, definition.usage.indexOf("(")),
    definition,
  ]),
);
