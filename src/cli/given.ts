/** `--set node.param=JSON` and `--wedge node.param=a,b,c`: the texts of the command line as typed values. Knows no graph. */
import { numberProblem } from "../base/number.js";
import type { OptionValues } from "../graph/given.js";
import type { Span } from "../graph/located.js";
import type { Override } from "../graph/override.js";
import { readJson } from "../graph/read.js";
import { Report } from "../graph/report.js";
import { sourceText } from "../graph/text.js";
import type { Scalar, Wedge } from "../graph/wedge.js";

const OVERRIDES = "--set";
const WEDGES = "--wedge";

/** What is wrong with the texts is among the diagnostics, whose places are in pseudo files with a line for each. */
export function readGiven({
  set = [],
  wedge = [],
}: {
  readonly set?: readonly string[];
  readonly wedge?: readonly string[];
}): OptionValues {
  const report = new Report();
  const [sets, wedges] = [set, wedge].map((texts) => texts.map((text) => text.replaceAll(/[\r\n]/g, " ")));
  return {
    overrides: (sets ?? []).flatMap((text, index) => parseOverride(text, index, report) ?? []),
    wedges: (wedges ?? []).flatMap((text, index) => parseWedge(text, index, report) ?? []),
    diagnostics: report.diagnostics,
    sources: new Map([
      [OVERRIDES, (sets ?? []).join("\n")],
      [WEDGES, (wedges ?? []).join("\n")],
    ]),
  };
}

/**
 * A value that does not begin like JSON text, object or list and is no JSON is a string: `tiles.directory=data/new`.
 */
function parseOverride(text: string, index: number, report: Report): Override | undefined {
  const equals = text.indexOf("=");
  const source = sourceText(OVERRIDES, `${"\n".repeat(index)}${text}`);
  const name = text.slice(0, Math.max(0, equals));
  if (!/^[^.=]+(\.[^.=]+)+$/.test(name)) {
    const all = { source, offset: index, length: text.length };
    report.error(all, `"${text}" is not of the form node.parameter=value.`);
    return undefined;
  }
  let offset = index;
  const steps = name.split(".").map((step) => {
    const span = { source, offset, length: step.length };
    offset += step.length + 1;
    return { name: step, span };
  });
  const raw = text.slice(equals + 1);
  if (raw.trim() === "") {
    report.error({ source, offset: index + equals, length: 1 }, `A JSON value follows the "=", such as ${name}=1.`);
    return undefined;
  }
  // Blanks before the value give it the offsets that it has in the whole text.
  const read = readJson(OVERRIDES, `${"\n".repeat(index)}${" ".repeat(equals + 1)}${raw}`);
  if (read.root !== undefined && read.diagnostics.length === 0) return { steps, value: read.root };
  if (!/^\s*(["[{]|$)/.test(raw)) {
    const span = { source, offset: index + equals + 1, length: raw.length };
    return { steps, value: { kind: "leaf", span, value: raw } };
  }
  report.diagnostics.push(...read.diagnostics);
  return undefined;
}

function parseWedge(text: string, index: number, report: Report): Wedge | undefined {
  const source = sourceText(WEDGES, `${"\n".repeat(index)}${text}`);
  const spanOf = (from: number, length: number): Span => ({ source, offset: index + from, length });
  const [, node, path, list] = /^([^.=]+)\.([^=]+)=(.+)$/s.exec(text) ?? [];
  if (node === undefined || path === undefined || list === undefined) {
    report.error(spanOf(0, text.length), `"${text}" is not of the form node.parameter=a,b,c.`);
    return undefined;
  }
  let from = text.length - list.length;
  const values = list.split(",").map((each) => {
    const span = spanOf(from, each.length);
    from += each.length + 1;
    return { value: parseValue(each.trim()), span };
  });
  const span = spanOf(node.length + 1, path.length);
  return { node, nodeSpan: spanOf(0, node.length), path: path.split("."), span, values };
}

function parseValue(text: string): Scalar {
  if (text === "true" || text === "false") return text === "true";
  // A number of too many digits is a name, and stays text.
  return text !== "" && Number.isFinite(Number(text)) && numberProblem(text) === undefined ? Number(text) : text;
}
