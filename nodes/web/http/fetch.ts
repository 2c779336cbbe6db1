/** A request with retries, its answer counted against a limit. Knows no items. */
import type { IncomingMessage } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { type Asked, ask, RequestError } from "./request.js";

/** How often and how patiently. */
export interface Patience {
  /** Tries after the first. */
  readonly retries: number;
  /** Seconds before the second try; doubled for each further one. */
  readonly backoff: number;
}

/** What may be answered. */
export interface Accepted {
  readonly max_bytes: number;
  /** Whether a status is an answer; of others, 408, 425, 429 and 5xx are tried again. */
  status(code: number): boolean;
}

export interface Answer {
  readonly status: number;
  /** After redirects. */
  readonly url: string;
  readonly type: string;
  readonly bytes: number;
}

/** The longest wait that a server may ask for, in seconds. */
const MOST_WAIT = 120;

/**
 * Asks until there is an answer; `take` gets its body in pieces, and is told to begin anew before each try. Rejects with a
 * message for the user.
 */
export async function fetchTo(
  asked: Asked,
  accepted: Accepted,
  { retries, backoff }: Patience,
  take: { begin(): Promise<void> | void; piece(bytes: Uint8Array): Promise<void> | void },
  log: (line: string) => void,
): Promise<Answer> {
  for (let tried = 0; ; tried++) {
    try {
      await take.begin();
      return await once(asked, accepted, take.piece);
    } catch (error) {
      asked.signal.throwIfAborted();
      if (!(error instanceof RequestError) || !error.again || tried === retries) throw error;
      const wait = Math.min(MOST_WAIT, error.wait ?? backoff * 2 ** tried);
      log(`${error.message}; trying again in ${wait} s (${tried + 1} of ${retries})`);
      await pause(wait * 1000, undefined, { signal: asked.signal });
    }
  }
}

async function once(
  asked: Asked,
  { max_bytes, status: isAnswer }: Accepted,
  piece: (bytes: Uint8Array) => Promise<void> | void,
): Promise<Answer> {
  const { response, url } = await ask(asked);
  const status = response.statusCode!;
  if (!isAnswer(status)) {
    response.destroy();
    throw statusError(url, response);
  }
  const told = Number(response.headers["content-length"] ?? 0);
  let bytes = 0;
  try {
    if (told > max_bytes) throw tooMany(url, told, max_bytes);
    for await (const part of response as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > max_bytes) throw tooMany(url, bytes, max_bytes);
      await piece(part);
    }
  } catch (error) {
    response.destroy();
    if (error instanceof RequestError) throw error;
    throw new RequestError(`${url}: the answer broke off (${(error as Error).message})`, true);
  }
  return { status, url, type: response.headers["content-type"] ?? "", bytes };
}

function tooMany(url: string, bytes: number, limit: number): RequestError {
  return new RequestError(`${url}: the answer has at least ${bytes} bytes, above the limit of ${limit}`, false);
}

function statusError(url: string, { statusCode, statusMessage, headers }: IncomingMessage): RequestError {
  const code = statusCode!;
  const after = Number(headers["retry-after"]);
  const again = [408, 425, 429].includes(code) || code >= 500;
  return new RequestError(
    `${url}: the server answered ${code} ${statusMessage ?? ""}`.trim(),
    again,
    after > 0 ? after : undefined,
  );
}
