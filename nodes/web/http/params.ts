/** The parameters of every node type that asks a server, and what is wrong with them. Asks nothing. */
import type { ParamProblem, ParamSchemas, ParamValues } from "dag-cook";
import { urlProblem } from "./request.js";

export const REQUEST = {
  url: {
    type: "string",
    required: true,
    minLength: 1,
    description: "Address, http: or https:. Redirects are followed.",
  },
  headers: {
    type: "array",
    default: [],
    description:
      "Headers of the request. After a redirect to another host, only those are sent that tell nothing of you.",
    items: {
      type: "object",
      properties: {
        name: {
          type: "string",
          pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
          template: false,
          required: true,
          description: "Name of the header.",
        },
        value: { type: "string", pattern: "^[^\\r\\n\\0]*$", required: true, description: "Its value." },
      },
    },
  },
  authorization: {
    type: ["string", "null"],
    pattern: "^[^\\r\\n\\0]*$",
    default: null,
    effect: false,
    description: "Value of the header `Authorization`, such as `Bearer $TOKEN`. It is sent to the first host alone.",
  },
  max_bytes: {
    type: "integer",
    minimum: 1,
    default: 2 ** 30,
    description: "More than this is not taken; the limit is held while the answer arrives.",
  },
  timeout: {
    type: "number",
    exclusiveMinimum: 0,
    default: 60,
    effect: false,
    description: "Seconds without a byte after which a try is given up.",
  },
  retries: {
    type: "integer",
    minimum: 0,
    maximum: 20,
    default: 3,
    effect: false,
    description: "Further tries after failures of the network and the statuses 408, 425, 429 and 5xx.",
  },
  backoff: {
    type: "number",
    minimum: 0,
    default: 1,
    effect: false,
    description:
      "Seconds before the second try, doubled for each further one; a server's `Retry-After` counts instead.",
  },
  allow_private: {
    type: "array",
    items: { type: "string", minLength: 1, template: false },
    default: [],
    description:
      "Hosts that may have private addresses (this machine's, those of the local network); all others may not.",
  },
} as const satisfies ParamSchemas;

export type RequestParams = ParamValues<typeof REQUEST>;

export function headersOf({ headers, authorization }: RequestParams): Readonly<Record<string, string>> {
  const own = headers.map(({ name, value }) => [name.toLowerCase(), value] as const);
  return { ...Object.fromEntries(own), ...(authorization !== null && { authorization }) };
}

/** What is wrong with the parameters. */
export function requestProblems({ url, headers }: RequestParams): readonly ParamProblem[] {
  const problem = URL.canParse(url) ? urlProblem(new URL(url)) : `"${url}" is no URL`;
  const names = headers.map(({ name }) => name.toLowerCase());
  const twice = names.findIndex((name, index) => names.indexOf(name) < index);
  const own = names.findIndex((name) => ["host", "content-length", "transfer-encoding", "connection"].includes(name));
  return [
    ...(problem === undefined ? [] : [{ param: "url", message: problem }]),
    ...(twice < 0 ? [] : [{ param: `headers.${twice}.name`, message: `"${headers[twice]!.name}" is given twice` }]),
    ...(own < 0 ? [] : [{ param: `headers.${own}.name`, message: `"${headers[own]!.name}" follows from the request` }]),
  ];
}
