/**
 * One HTTP exchange with its redirects: the address that is connected to is checked, not the name, so that no name and no
 * redirect leads to a private one. Knows no retries and no files. Proxies are not used: they would hide the address.
 */
import { type LookupAddress, lookup } from "node:dns";
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isPrivate } from "./address.js";

/** What is asked. */
export interface Asked {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Hosts (names or addresses) whose private addresses may be asked. */
  readonly allowed: readonly string[];
  /** Seconds without a byte after which it is given up. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** A problem of the request; `again`: whether another try may go better. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly again: boolean;
  /** Seconds that the server asks to wait. */
  readonly wait: number | undefined;

  constructor(message: string, again: boolean, wait?: number) {
    super(message);
    this.again = again;
    this.wait = wait;
  }
}

const MOST_REDIRECTS = 10;
/** Headers that say nothing of who asks: all others are for one host alone, since a key may have any name. */
const FOR_ALL = new Set(["accept", "accept-language", "content-type", "range", "user-agent"]);

/** The response to the last of the redirects, its body not yet read. Rejects with a RequestError. */
export async function ask(asked: Asked): Promise<{ readonly response: IncomingMessage; readonly url: string }> {
  let at = asked;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await exchange(at);
    const status = response.statusCode!;
    const { location } = response.headers;
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return { response, url: at.url };
    response.destroy();
    at = redirected(at, status, location);
  }
  throw new RequestError(`${asked.url}: there are more than ${MOST_REDIRECTS} redirects`, false);
}

function redirected(asked: Asked, status: number, location: string): Asked {
  const from = new URL(asked.url);
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to === undefined) throw new RequestError(`${asked.url}: it redirects to "${location}", which is no URL`, false);
  if (from.protocol === "https:" && to.protocol === "http:")
    throw new RequestError(`${asked.url}: it redirects to ${to.href}, which is not encrypted`, false);
  const kept = Object.entries(asked.headers).filter(
    ([name]) => to.origin === from.origin || FOR_ALL.has(name.toLowerCase()),
  );
  const again = { ...asked, url: to.href, headers: Object.fromEntries(kept) };
  // As browsers do: what was asked for with a body is fetched after such a redirect.
  const fetched = status === 303 || (status <= 302 && asked.method === "POST");
  return fetched && asked.method !== "HEAD" ? { ...again, method: "GET", body: undefined } : again;
}

function exchange({ url, method, headers, body, allowed, timeout, signal }: Asked): Promise<IncomingMessage> {
  const target = new URL(url);
  const problem = urlProblem(target);
  if (problem !== undefined) return Promise.reject(new RequestError(`${url}: ${problem}`, false));
  const host = target.hostname.replace(/^\[|\]$/g, "");
  const free = allowed.includes(host);
  if (isIP(host) > 0 && isPrivate(host) && !free) return Promise.reject(privateError(url, host, host));
  const request = target.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(error instanceof RequestError ? error : new RequestError(`${url}: ${error.message}`, true));
    // Nothing packed is asked for, so that a few bytes cannot become many.
    const sent = { "user-agent": "dag-cook", "accept-encoding": "identity", ...headers };
    const options = {
      method,
      headers: sent,
      lookup: free ? undefined : publicLookup(url),
      signal,
      timeout: timeout * 1000,
    };
    const outgoing = request(target, { ...options, agent: false }, (response) => {
      const encoding = response.headers["content-encoding"];
      if (encoding === undefined || encoding === "identity") return resolve(response);
      response.destroy();
      reject(new RequestError(`${url}: the answer is packed (${encoding}), though that was not asked for`, false));
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error(`nothing came for ${timeout} s`)));
    outgoing.on("error", fail);
    outgoing.end(body);
  });
}

/** What is wrong with a URL. */
export function urlProblem(url: URL): string | undefined {
  if (url.protocol !== "http:" && url.protocol !== "https:") return `"${url.protocol}" is neither http: nor https:`;
  return url.username === "" && url.password === ""
    ? undefined
    : 'a URL with a password would be in every log; "authorization" is for it';
}

function privateError(url: string, host: string, address: string): RequestError {
  const named = host === address ? host : `${host} (${address})`;
  return new RequestError(`${url}: ${named} is a private address; "allow_private": ["${host}"] permits it`, false);
}

/** Looks a name up and refuses private addresses: what it answers is what is connected to. */
function publicLookup(url: string): LookupFunction {
  return (host, options, answer) => {
    lookup(host, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error) return answer(error, "");
      const bad = found.find(({ address }) => isPrivate(address));
      if (bad !== undefined) return answer(privateError(url, host, bad.address), "");
      if (options.all === true) return answer(null, found);
      const [first] = found;
      return answer(null, first!.address, first!.family);
    });
  };
}
