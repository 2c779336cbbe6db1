/** Node type `download_file`: a file from the web, whole or not at all. Knows nothing of what is in it. */
import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { type CookContext, defineNode } from "dag-cook";
import { madeFile } from "../file/made/output.js";
import { tagOf, tagSchema } from "../file/made/tag.js";
import { fetchTo } from "./http/fetch.js";
import { headersOf, REQUEST, type RequestParams, requestProblems } from "./http/params.js";

export default defineNode({
  description:
    "Downloads a file, with a limit of size and a checksum. It is not asked for again while nothing changes.",
  version: 1,
  params: {
    ...REQUEST,
    sha256: {
      type: ["string", "null"],
      pattern: "^[0-9a-fA-F]{64}$",
      template: false,
      default: null,
      description: "SHA-256 that the file must have, in hexadecimal; it fails with another.",
    },
    tag: tagSchema("the file"),
    output: {
      type: ["string", "null"],
      path: "output",
      default: null,
      description: "Where the file is put; without it, it stays in the store under the last part of the URL's path.",
    },
  },
  reaches: "network",
  inputs: { main: { description: "Items for each of which there is a download.", optional: true } },
  attributes: { writes: { download_bytes: "int", download_type: "string" } },
  check: requestProblems,
  async cook(_item, params, context) {
    context.signal.throwIfAborted();
    const name = nameOf(params.url);
    const made = madeFile(params.output, name, tagOf(params.tag, params.output ?? name));
    const path = join(context.directory, made.path);
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, "w");
    try {
      const { answer, digest } = await downloaded(file, params, context);
      if (params.sha256 !== null && digest !== params.sha256.toLowerCase())
        throw new Error(`${params.url}: the file's SHA-256 is ${digest}, not ${params.sha256.toLowerCase()}.`);
      return { outputs: [made], attributes: { download_bytes: answer.bytes, download_type: answer.type } };
    } finally {
      await file.close();
    }
  },
});

async function downloaded(file: FileHandle, params: RequestParams, { signal, log, progress }: CookContext) {
  let hash = createHash("sha256");
  let bytes = 0;
  const take = {
    async begin() {
      hash = createHash("sha256");
      bytes = 0;
      await file.truncate(0);
    },
    async piece(part: Uint8Array) {
      hash.update(part);
      await file.write(part, 0, part.length, bytes);
      bytes += part.length;
      progress({ bytes });
    },
  };
  const { url, max_bytes, allow_private, timeout } = params;
  const asked = {
    url,
    method: "GET",
    headers: headersOf(params),
    body: undefined,
    allowed: allow_private,
    timeout,
    signal,
  };
  const answer = await fetchTo(asked, { max_bytes, status: (code) => code === 200 }, params, take, log);
  return { answer, digest: hash.digest("hex") };
}

/** The last part of a URL's path as a name that any file system takes. */
function nameOf(url: string): string {
  const name = posix.basename(new URL(url).pathname).replaceAll(/[^A-Za-z0-9._-]+/g, "_");
  return /^[._]*$/.test(name) ? "download" : name.slice(-120);
}
