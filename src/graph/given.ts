/** What a caller gives beside a graph file: values of parameters, typed. Where they come from a text, the command line has read it. */
import type { Diagnostic } from "../base/diagnostic.js";
import type { Json } from "../nodetype/define.js";
import type { Located, Span } from "./located.js";
import type { Override } from "./override.js";
import { Report } from "./report.js";
import { type SourceText, sourceText } from "./text.js";
import type { Scalar, Wedge } from "./wedge.js";

/** Values, and what is wrong with how they were given. */
export interface OptionValues {
  readonly overrides: readonly Override[];
  /** Applied after the overrides. */
  readonly wedges: readonly Wedge[];
  readonly diagnostics: readonly Diagnostic[];
  /** The texts that places of problems with them lie in, by the file that the places name. */
  readonly sources: ReadonlyMap<string, string>;
}

export const NOTHING_GIVEN: OptionValues = { overrides: [], wedges: [], diagnostics: [], sources: new Map() };

/** Values as a program gives them, by `node.parameter`. */
export interface GivenValues {
  readonly set?: Readonly<Record<string, Json>> | undefined;
  readonly wedge?: Readonly<Record<string, readonly Scalar[]>> | undefined;
}

/** The values themselves; for people, problems with them are placed in lines `node.parameter=JSON`. */
export function givenOf({ set = {}, wedge = {} }: GivenValues): OptionValues {
  const report = new Report();
  const [sets, wedges] = [new Lines("set", Object.entries(set)), new Lines("wedge", Object.entries(wedge))];
  return {
    overrides: sets.each((name, value, at) => {
      const steps = name.split(".").map((step) => ({ name: step, span: at(0, name.length) }));
      if (steps.length > 1 && steps.every((step) => step.name !== "")) return { steps, value: located(value, at()) };
      report.error(at(), `"${name}" is not of the form node.parameter.`);
      return undefined;
    }),
    wedges: wedges.each((name, values, at) => {
      const [node = "", ...path] = name.split(".");
      const [span, nodeSpan] = [at(0, name.length), at(0, node.length)];
      if (path.length > 0 && node !== "" && values.length > 0)
        return { node, nodeSpan, path, span, values: values.map((value) => ({ value, span: at() })) };
      const form = `"${name}" is not of the form node.parameter.`;
      report.error(at(), values.length === 0 ? `The wedge "${name}" has no values.` : form);
      return undefined;
    }),
    diagnostics: report.diagnostics,
    sources: new Map([sets.source, wedges.source]),
  };
}

/** Values as lines of a text, each with its name. */
class Lines<V> {
  readonly #file: string;
  readonly #entries: readonly (readonly [name: string, value: V])[];
  readonly #lines: readonly string[];

  constructor(file: string, entries: readonly (readonly [name: string, value: V])[]) {
    this.#file = file;
    this.#entries = entries;
    // JSON has no line breaks of its own, but a name may.
    this.#lines = entries.map(([name, value]) => `${name.replaceAll(/[\r\n]/g, " ")}=${JSON.stringify(value) ?? ""}`);
  }

  get source(): readonly [file: string, text: string] {
    return [this.#file, this.#lines.join("\n")];
  }

  /** `at`: the span of a stretch of the entry's line; without one, of the value. */
  each<T>(make: (name: string, value: V, at: (from?: number, length?: number) => Span) => T | undefined): T[] {
    const source: SourceText = sourceText(this.#file, this.#lines.join("\n"));
    return this.#entries.flatMap(([name, value], index) => {
      const [begin, line] = [source.lineStarts[index] ?? 0, this.#lines[index] ?? ""];
      const at = (from = name.length + 1, length = line.length - from): Span => {
        return { source, offset: begin + from, length };
      };
      return make(name, value, at) ?? [];
    });
  }
}

/** A value all of which stands at one place. */
function located(value: Json, span: Span): Located {
  if (Array.isArray(value)) return { kind: "array", span, items: value.map((one: Json) => located(one, span)) };
  if (typeof value !== "object" || value === null) return { kind: "leaf", span, value: value as Scalar | null };
  const members = Object.entries(value).map(([name, one]) => {
    return [name, { key: span, value: located(one as Json, span) }] as const;
  });
  return { kind: "object", span, members: new Map(members) };
}
