/** `url_request` and `download_file` against servers of this test's own. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import download_file from "../../../nodes/web/download_file.js";
import { isPrivate } from "../../../nodes/web/http/address.js";
import url_request from "../../../nodes/web/url_request.js";
import { CookSpace, cookedItems, failuresIn } from "../../helpers/cook-space.js";
import { holdsContract } from "../contract.js";
import { copyExample, itemsOf } from "../partition/items.js";
import { cookIn, messageOf, testFolder } from "../space.js";

const folder = testFolder();
const servers: Server[] = [];
const seen: string[] = [];
let port = 0;
let other = 0;

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, done));
  return (server.address() as AddressInfo).port;
}

/** What each path of the server does; `times`: how often it was asked before. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url!;
  const times = seen.filter((each) => each === path).length;
  seen.push(path);
  const [, what, ...rest] = path.split("/");
  if (what === "redirect") return void response.writeHead(302, { location: decodeURIComponent(rest.join("/")) }).end();
  if (what === "status") return void response.writeHead(times < 2 ? Number(rest[0]) : 200).end("came");
  if (what === "broken" && times === 0) {
    response.writeHead(200, { "content-length": 10 });
    return void response.write("half", () => response.destroy());
  }
  if (what === "broken") return void response.end("whole text");
  if (what === "endless") {
    const more = () => response.write(Buffer.alloc(65536)) && setImmediate(more);
    response.on("drain", more);
    return void more();
  }
  if (what === "told") return void response.writeHead(200, { "content-length": 10 ** 12 }).write("x");
  if (what === "packed") return void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("text"));
  if (what === "echo") {
    const { authorization = "none", "x-key": key = "none" } = request.headers;
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    return void request.on("end", () => response.end(`${request.method} ${authorization} ${key} ${body}`));
  }
  if (what === "length") return void response.end(String(rest[0]!.length));
  response.writeHead(200, { "content-type": "text/plain" }).end(`file ${path}`);
}

beforeAll(async () => {
  port = await serve(answer);
  other = await serve(answer);
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});
beforeEach(() => void seen.splice(0));

const at = (path: string, host = "localhost") => `http://${host}:${port}/${path}`;
const OPEN = { allow_private: ["localhost"], backoff: 0 };
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const SHARED = () => ({
  url: { to: { url: at("files/other") } },
  headers: { from: { url: at("echo") }, to: { headers: [{ name: "X-Key", value: "k" }] } },
  authorization: { to: { authorization: "Bearer t" } },
  max_bytes: { to: { max_bytes: 3 }, refused: true } as const,
  timeout: { to: { timeout: 30 } },
  retries: { to: { retries: 0 } },
  backoff: { to: { backoff: 2 } },
  allow_private: { to: { allow_private: [] }, refused: true } as const,
});

describe("url_request", () => {
  const cook = cookIn(folder, url_request);
  const ask = async (path: string, params: object = {}) => {
    const { items } = await cook({ params: { url: at(path), answer: "attribute", ...OPEN, ...params } });
    return items[0]!.attributes;
  };
  holdsContract("web/url_request", url_request, {
    base: () => ({ params: { url: at("files/a"), ...OPEN } }),
    changes: () => ({
      ...SHARED(),
      method: { from: { url: at("echo") }, to: { method: "POST" } },
      body: { from: { url: at("echo"), method: "PUT" }, to: { body: "sent" } },
      success_codes: { to: { success_codes: [404] }, refused: true },
      answer: { to: { answer: "attribute" } },
      tag: { to: { tag: "file/other" } },
      output: { to: { output: "answer.txt" } },
    }),
  });

  test("url_request: method, headers and body arrive; the answer comes as attribute or file", async () => {
    const params = { method: "PUT", body: "sent", headers: [{ name: "X-Key", value: "k" }], authorization: "Bearer t" };
    expect(await ask("echo", params)).toMatchObject({ status: 200, answer: "PUT Bearer t k sent" });
    const { items } = await cook({ params: { url: at("files/a"), ...OPEN } });
    expect(items[0]!.attributes).toEqual({ status: 200, response_type: "text/plain" });
    expect(readFileSync(items[0]!.outputs[0]!.path, "utf8")).toBe("file /files/a");
  });

  test("url_request: 5xx and 429 are tried again, other statuses and POST are not", async () => {
    expect([(await ask("status/503")).answer, seen.length]).toEqual(["came", 3]);
    expect([(await ask("status/429", { success_codes: [200] })).answer, seen.length]).toEqual(["came", 6]);
    expect(await messageOf(ask("status/500", { retries: 1 }))).toContain("the server answered 500");
    expect(await messageOf(ask("status/404"))).toBe(`${at("status/404")}: the server answered 404 Not Found`);
    expect(seen.filter((path) => path.endsWith("404"))).toHaveLength(1);
    expect((await ask("status/403", { success_codes: [403] })).status).toBe(403);
    expect(await messageOf(ask("status/502", { method: "POST" }))).toContain("502");
    expect(seen.filter((path) => path.endsWith("502"))).toHaveLength(1);
  });

  test("url_request: private addresses are refused by number, by what a name means, and after a redirect", async () => {
    const none = { allow_private: [] };
    expect(await messageOf(ask("files/a", none))).toMatch(
      /localhost \((127\.0\.0\.1|::1)\) is a private address; "allow_private": \["localhost"\] permits it$/,
    );
    for (const host of ["127.0.0.1", "127.1", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]) {
      expect(await messageOf(cook({ params: { url: at("files/a", host), ...none } }))).toContain(
        "is a private address",
      );
    }
    expect(seen).toEqual([]);
    const inside = encodeURIComponent(at("files/secret", "127.0.0.1"));
    expect(await messageOf(ask(`redirect/${inside}`))).toContain("127.0.0.1 is a private address");
    expect(seen.filter((path) => path.startsWith("/files"))).toEqual([]);
  });

  test("url_request: redirects are followed; what is one host's alone is not sent on", async () => {
    expect((await ask("redirect//files/b")).answer).toBe("file /files/b");
    const elsewhere = encodeURIComponent(`http://localhost:${other}/echo`);
    const params = { authorization: "Bearer t", headers: [{ name: "X-Key", value: "k" }] };
    expect((await ask(`redirect/${elsewhere}`, params)).answer).toBe("GET none none ");
    expect((await ask("redirect//echo", { ...params, method: "POST", body: "b" })).answer).toBe("GET Bearer t k ");
    const circle = `redirect/${encodeURIComponent("/redirect/x")}`;
    expect(await messageOf(ask(circle))).toContain("more than 10 redirects");
    expect(await messageOf(ask(`redirect/${encodeURIComponent("file:///etc/passwd")}`))).toContain(
      '"file:" is neither http: nor https:',
    );
  });

  test("url_request: an endless, a too large and a packed answer are refused", async () => {
    expect(await messageOf(ask("endless", { max_bytes: 100_000 }))).toContain("above the limit of 100000");
    expect(await messageOf(ask("told", { max_bytes: 1000 }))).toContain("at least 1000000000000 bytes");
    expect(await messageOf(ask("packed"))).toContain("the answer is packed (gzip)");
  });

  test.each([
    [{ url: "ftp://host/a" }, 'url: "ftp:" is neither http: nor https:'],
    [{ url: "somewhere" }, 'url: "somewhere" is no URL'],
    [{ url: "http://user:pass@host/" }, '"authorization" is for it'],
    [{ url: "http://host/", body: "x" }, "body: GET sends none"],
    [{ url: "http://host/", headers: [{ name: "Host", value: "x" }] }, '"Host" follows from the request'],
    [{ url: "http://host/", headers: [{ name: "A", value: "x\r\nB: y" }] }, "headers.0.value"],
    [{ url: "http://host/", answer: "none", output: "a" }, '"answer": "none" makes no file'],
  ])("url_request: %j is refused before it is sent", async (params, message) => {
    expect(await messageOf(cook({ params }))).toContain(message);
  });

  test.each([
    ["8.8.8.8", false],
    ["172.15.0.1", false],
    ["172.16.0.1", true],
    ["192.168.1.1", true],
    ["169.254.169.254", true],
    ["100.64.0.1", true],
    ["224.0.0.1", true],
    ["2606:4700::1111", false],
    ["fe80::1", true],
    ["fd00::1", true],
    ["::ffff:10.0.0.1", true],
    ["64:ff9b::7f00:1", true],
    ["2002:7f00:1::", true],
    ["no address", true],
  ])("private addresses: %s: %s", (address, expected) => {
    expect(isPrivate(address)).toBe(expected);
  });
});

describe("download_file", () => {
  const cook = cookIn(folder, download_file);
  const load = async (path: string, params: object = {}) => {
    const { items } = await cook({ params: { url: at(path), ...OPEN, ...params } });
    return items[0]!;
  };
  holdsContract("web/download_file", download_file, {
    base: () => ({ params: { url: at("files/a.txt"), ...OPEN } }),
    changes: () => ({
      ...SHARED(),
      sha256: { to: { sha256: sha256("something else") }, refused: true },
      tag: { to: { tag: "file/other" } },
      output: { to: { output: "b.txt" } },
    }),
  });

  test("download_file: the file whole, under the URL's name, with its checksum", async () => {
    const { outputs, attributes } = await load("files/a%20b.txt?x=1", {
      sha256: sha256("file /files/a%20b.txt?x=1").toUpperCase(),
    });
    expect(outputs).toMatchObject([{ name: "a_20b.txt", tag: "file/text" }]);
    expect(readFileSync(outputs[0]!.path, "utf8")).toBe("file /files/a%20b.txt?x=1");
    expect(attributes).toEqual({ download_bytes: 25, download_type: "text/plain" });
    const wrong = await messageOf(load("files/c", { sha256: "0".repeat(64) }));
    expect(wrong).toBe(`${at("files/c")}: the file's SHA-256 is ${sha256("file /files/c")}, not ${"0".repeat(64)}.`);
  });

  test("download_file: an answer that breaks off is asked for again, and nothing of it is left", async () => {
    const { outputs, log } = await load("broken/a");
    expect(readFileSync(outputs[0]!.path, "utf8")).toBe("whole text");
    expect(log).toEqual([expect.stringMatching(/the answer broke off .*; trying again in 0 s \(1 of 3\)$/)]);
    seen.splice(0);
    expect(await messageOf(load("broken/a", { retries: 0 }))).toContain("the answer broke off");
    expect(await messageOf(cook({ params: { url: "http://no-such-host.invalid/", ...OPEN, retries: 0 } }))).toContain(
      "no-such-host.invalid",
    );
  });
});

describe("the web in a graph", () => {
  let space: CookSpace;
  beforeAll(() => {
    space = new CookSpace();
  });
  afterAll(() => space.remove());

  test("web example: it cooks; the same again asks for nothing", async () => {
    copyExample(space, "web.json");
    const text = space.read("web.json").replace("http://localhost:8080", `http://localhost:${port}`);
    space.write("web.json", text);
    const files = await itemsOf(space, "web.json", "files");
    expect(files.map(({ attributes }) => attributes.answer)).toEqual(["3", "3"]);
    expect(space.read("out/web/two.txt")).toBe("file /files/two.txt");
    const asked = seen.length;
    expect(cookedItems((await space.cook("web.json")).events)).toEqual([]);
    expect(seen.length).toBe(asked);
  });

  test("download_file: a private address fails its item alone, with what permits it", async () => {
    space.graph("private.json", {
      file: { type: "download_file", params: { url: at("files/a", "127.0.0.1") } },
    });
    const cooked = await space.cook("private.json");
    expect([cooked.exit, Object.values(failuresIn(cooked))]).toEqual([
      1,
      [expect.stringContaining('"allow_private": ["127.0.0.1"] permits it')],
    ]);
  });
});
