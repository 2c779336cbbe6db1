/** The functions of lists. Places count from 0, those below 0 from the end. No list is changed: each gives a new one. */
import type { FunctionDefinition } from "./function.js";
import { LIST, PRINTABLE, WHOLE } from "./typed.js";
import { elementType, isList, numberText, type Value, valueText } from "./value.js";

function elements(value: Value | undefined): readonly Value[] {
  return value !== undefined && isList(value) ? value : [];
}

/** What is the same, is the same text or number. */
function sameness(value: Value): Value {
  return typeof value === "object" ? valueText(value)! : value;
}

/** Numbers by their size, texts by their code units. */
function inOrder(a: Value, b: Value): number {
  const [one, other] = [sameness(a), sameness(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

function unique(list: readonly Value[]): readonly Value[] {
  const seen = new Set<Value>();
  return list.filter((each) => !seen.has(sameness(each)) && seen.add(sameness(each)));
}

function counted(values: number): string {
  return values === 1 ? "1 value" : `${values} values`;
}

/** A function of a list that gives one of the same type. */
function listed(usage: string, apply: (list: readonly Value[]) => readonly Value[]): FunctionDefinition {
  return { usage, parameters: [LIST], result: ([type]) => type!, apply: ([list]) => apply(elements(list)) };
}

export const LIST_FUNCTIONS: readonly FunctionDefinition[] = [
  { usage: "len(list)", parameters: [LIST], result: "int", apply: ([list]) => elements(list).length },
  {
    usage: "at(list, index)",
    parameters: [LIST, WHOLE],
    result: ([type]) => elementType(type!),
    apply([list, index], _environment, fail) {
      const found = elements(list).at(index as number);
      return (
        found ??
        fail(`There is no index ${numberText(index as number)}: the list has ${counted(elements(list).length)}.`)
      );
    },
  },
  {
    usage: "slice(list, start, end)",
    parameters: [LIST, WHOLE, WHOLE],
    required: 2,
    result: ([type]) => type!,
    apply: ([list, start, end]) => elements(list).slice(start as number, end as number | undefined),
  },
  {
    usage: "find(list, value)",
    parameters: [LIST, PRINTABLE],
    result: "int",
    apply: ([list, value]) => elements(list).findIndex((each) => sameness(each) === sameness(value!)),
  },
  {
    usage: "sum(list)",
    parameters: [["float[]"]],
    result: ([type]) => elementType(type!),
    apply: ([list]) => (elements(list) as readonly number[]).reduce((total, each) => total + each, 0),
  },
  listed("sorted(list)", (list) => list.toSorted(inOrder)),
  listed("reversed(list)", (list) => list.toReversed()),
  listed("unique(list)", unique),
];
