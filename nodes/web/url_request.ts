/** Node type `url_request`: asks a server. Knows nothing of what it answers. */
import { type CookContext, type CookResult, defineNode, type ParamProblem, type ParamValues } from "dag-cook";
import { madeFile, writeBytes } from "../file/made/output.js";
import { fetchTo } from "./http/fetch.js";
import { headersOf, REQUEST, requestProblems } from "./http/params.js";

const PARAMS = {
  ...REQUEST,
  max_bytes: { ...REQUEST.max_bytes, default: 2 ** 24 },
  method: {
    type: "string",
    enum: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    default: "GET",
    description: "What is asked for. POST and PATCH are not tried again: they might be done twice.",
  },
  body: { type: ["string", "null"], default: null, description: "What is sent along; its type is a header's matter." },
  success_codes: {
    type: "array",
    items: { type: "integer", minimum: 100, maximum: 599 },
    uniqueItems: true,
    default: [],
    description: "Statuses that are an answer; empty: 200 to 299.",
  },
  answer: {
    type: "string",
    enum: ["file", "attribute", "none"],
    default: "file",
    description:
      "Where the answer goes: into a file, into the attribute `answer` (text of 64 KiB at most), or nowhere.",
  },
  tag: { type: "string", default: "file/response", minLength: 1, description: "Tag of the file." },
  output: {
    type: ["string", "null"],
    path: "output",
    default: null,
    description: "Where the file is put; without it, it stays in the store as `response`.",
  },
} as const;

type Params = ParamValues<typeof PARAMS>;

const MOST_TEXT = 2 ** 16;

export default defineNode({
  description:
    'Asks a server and keeps its answer. With `"cache_mode": "never"` it is asked in every cook, else when something changes.',
  version: 1,
  params: PARAMS,
  reaches: "network",
  inputs: { main: { description: "Items for each of which there is a request.", optional: true } },
  attributes: {
    writes: ({ answer }) => ({
      status: "int" as const,
      response_type: "string" as const,
      ...(answer === "attribute" && { answer: "string" as const }),
    }),
  },
  check: (params) => [...requestProblems(params), ...bodyProblems(params)],
  async cook(_item, params, context) {
    context.signal.throwIfAborted();
    const { bytes, status, type } = await answered(params, context);
    const attributes = { status, response_type: type };
    return {
      ...(await kept(bytes, params, context.directory)),
      attributes: { ...attributes, ...textOf(bytes, params) },
    };
  },
});

async function answered(params: Params, { signal, log }: CookContext) {
  const { url, method, max_bytes, success_codes, allow_private: allowed, timeout, backoff } = params;
  const parts: Uint8Array[] = [];
  const take = {
    begin: () => void parts.splice(0),
    piece: (part: Uint8Array) => void parts.push(part),
  };
  const isAnswer = (code: number) =>
    success_codes.length === 0 ? code >= 200 && code < 300 : success_codes.includes(code);
  const asked = { url, method, headers: headersOf(params), body: params.body ?? undefined, allowed, timeout, signal };
  const retries = method === "POST" || method === "PATCH" ? 0 : params.retries;
  const answer = await fetchTo(asked, { max_bytes, status: isAnswer }, { retries, backoff }, take, log);
  return { ...answer, bytes: Buffer.concat(parts) };
}

async function kept(bytes: Uint8Array, { answer, output, tag }: Params, directory: string): Promise<CookResult> {
  if (answer !== "file") return {};
  const made = madeFile(output, "response", tag);
  await writeBytes(directory, made.path, bytes);
  return { outputs: [made] };
}

function textOf(bytes: Buffer, { answer, url }: Params): { answer?: string } {
  if (answer !== "attribute") return {};
  if (bytes.length > MOST_TEXT) throw new Error(`${url}: the answer has ${bytes.length} bytes, above ${MOST_TEXT}.`);
  return { answer: bytes.toString("utf8") };
}

function bodyProblems({ method, body, answer, output }: Params): readonly ParamProblem[] {
  const problems: ParamProblem[] = [];
  if (body !== null && (method === "GET" || method === "HEAD"))
    problems.push({ param: "body", message: `${method} sends none` });
  if (output !== null && answer !== "file")
    problems.push({ param: "output", message: `"answer": "${answer}" makes no file` });
  return problems;
}
