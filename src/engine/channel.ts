/**
 * The channel of a living engine: a socket that only its user reaches, whose place stands in a file of the store. The engine listens,
 * others connect. Knows lines of JSON; what they say, it does not.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { codeOf } from "../base/code.js";
import { problemIn, UserError } from "../base/error.js";
import { realFiles } from "../base/files.js";
import { makePrivate, removePlace, type SocketPlace, type System, socketPlaces, thisSystem } from "../base/socket.js";
import { type Holder, type Host, holderOf, thisHost } from "../store/lock.js";

/** What the file says. */
interface Address extends SocketPlace {
  readonly version: 1;
  /** Whoever can read the file is the user: on Windows, others may open a pipe. */
  readonly token: string;
  /** The process that listens, as the store's lock names it: a file of one that is over is nothing. */
  readonly holder: Holder;
}

/** A line of a connection, for whoever is at its other end. A listener that does not read is given up. */
export interface Caller {
  send(line: unknown): void;
  /** Nothing more will be sent. */
  end(): void;
  /** Called once when the connection is over. */
  over(listener: () => void): void;
}

/** What is kept for one that does not read. */
const MOST_UNREAD = 64 << 20;
/** Milliseconds for which an engine that has the store's lock may not listen yet. */
const PATIENCE = 2000;

export interface ChannelParts {
  /** The store's folder. */
  readonly folder: string;
  /** Bytes of the longest line that is taken. */
  readonly longest: number;
  /** Takes what a caller says first: the only line that is read. */
  received(message: unknown, caller: Caller): void;
}

/** Listens, for the holder of the store's lock, until what it returns is called. */
export async function openChannel(
  { folder, longest, received }: ChannelParts,
  host: Host = thisHost(),
  system: System = thisSystem(),
): Promise<() => Promise<void>> {
  const file = addressFile(folder);
  const left = readAddress(file);
  // What an engine that was killed has left: its name says that it was one's own.
  if (left !== undefined && /[\\/]dag-[0-9a-f]{16}$/.test(left.folder ?? "")) removePlace(left);
  const token = randomBytes(32).toString("hex");
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    receive(socket, longest, token, received);
  });
  const place = await listenAtOne(server, socketPlaces(randomBytes(8).toString("hex"), system));
  const { pid, started, boot, host: name } = host;
  const address: Address = { version: 1, ...place, token, holder: { pid, started, boot, host: name } };
  const fresh = `${file}.${pid}`;
  writeFileSync(fresh, JSON.stringify(address), { mode: 0o600 });
  chmodSync(fresh, 0o600);
  renameSync(fresh, file);
  // A process ends though it listens.
  server.unref();
  return async () => {
    if (readAddress(file)?.token === token) rmSync(file, { force: true });
    const closed = new Promise<void>((done) => void server.close(() => done()));
    // What was sent is still to be read: an item that was stopped may be the cook's last.
    for (const socket of sockets) socket.end();
    const ends = setTimeout(() => sockets.forEach((socket) => void socket.destroy()), PATIENCE);
    await closed;
    clearTimeout(ends);
    removePlace(place);
  };
}

/** At the first place that can be made. Rejects with the last one's error where none can. */
async function listenAtOne(server: Server, places: readonly SocketPlace[]): Promise<SocketPlace> {
  let problem: unknown;
  for (const place of places) {
    try {
      if (place.folder !== undefined) makePrivate(place.folder);
      await listening(server, place);
      return place;
    } catch (error) {
      problemIn(error);
      removePlace(place);
      problem = error;
    }
  }
  throw problem;
}

function listening(server: Server, { path, folder }: SocketPlace): Promise<void> {
  return new Promise((ready, failed) => {
    server.once("error", failed);
    server.listen(path, () => {
      server.off("error", failed);
      server.on("error", () => {});
      if (folder !== undefined) chmodSync(path, 0o600);
      ready();
    });
  });
}

/** Reads one line: `{"token":…,"said":…}`. One that is too long, or of a stranger, ends the connection. */
function receive(socket: Socket, longest: number, token: string, received: ChannelParts["received"]): void {
  let chunks: Buffer[] = [];
  let length = 0;
  socket.on("error", () => socket.destroy());
  const take = (chunk: Buffer): void => {
    const end = chunk.indexOf(10);
    chunks.push(end === -1 ? chunk : chunk.subarray(0, end));
    length += chunk.length;
    if (length > longest) return void socket.destroy();
    if (end === -1) return;
    socket.off("data", take);
    socket.resume();
    const message = parsed(Buffer.concat(chunks).toString("utf8")) as
      | { token?: unknown; message?: unknown }
      | undefined;
    chunks = [];
    if (message === undefined || !isSame(message.token, token)) return void socket.destroy();
    received(message.message, callerOf(socket));
  };
  socket.on("data", take);
}

function callerOf(socket: Socket): Caller {
  return {
    send(line) {
      if (socket.writableLength > MOST_UNREAD) socket.destroy();
      else if (socket.writable) socket.write(`${JSON.stringify(line)}\n`);
    },
    end: () => void socket.end(),
    over: (listener) => void socket.once("close", listener),
  };
}

function isSame(given: unknown, token: string): boolean {
  if (typeof given !== "string") return false;
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Undefined for what is no JSON object. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function addressFile(folder: string): string {
  return join(folder, "engine.json");
}

/** Undefined where nobody listens, or what stands there is no address. */
function readAddress(file: string): Address | undefined {
  try {
    const found = parsed(readFileSync(file, "utf8")) as Partial<Address> | undefined;
    const isAddress = found?.version === 1 && typeof found.path === "string" && typeof found.token === "string";
    return isAddress ? (found as Address) : undefined;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

/**
 * Says one line to the engine that has a store, and gives every line that comes back to `heard`, until the connection is over. Resolves
 * with false where no engine lives. Rejects with a UserError where one lives that cannot be reached.
 */
export async function callEngine(
  folder: string,
  message: unknown,
  received: (line: unknown) => void,
  host: Host = thisHost(),
): Promise<boolean> {
  for (const ends = Date.now() + PATIENCE; ; await pause(20)) {
    const holder = holderOf(realFiles, folder, host);
    if (holder === undefined) return false;
    if (holder.host !== host.host)
      throw new UserError(`The store ${folder} is in use on ${holder.host}: ask there.`, 3);
    const address = addressOf(folder);
    const isTheirs = address !== undefined && JSON.stringify(address.holder) === JSON.stringify(holder);
    // It may be about to listen, or to end.
    if (isTheirs && (await converse(address, message, received))) return true;
    if (Date.now() > ends)
      throw new UserError(`The store ${folder} is in use by process ${holder.pid}, which does not respond.`, 3);
  }
}

function addressOf(folder: string): Address | undefined {
  try {
    return readAddress(addressFile(folder));
  } catch (error) {
    throw new UserError(`The engine that cooks with ${folder} is another user's (${codeOf(error)}).`, 3);
  }
}

/** Resolves with false where nobody listens there. */
function converse(address: Address, message: unknown, received: (line: unknown) => void): Promise<boolean> {
  return new Promise((over, failed) => {
    const socket = connect(address.path);
    let isOpen = false;
    let rest: string[] = [];
    socket.setEncoding("utf8");
    socket.on("connect", () => {
      isOpen = true;
      socket.write(`${JSON.stringify({ token: address.token, message })}\n`);
    });
    socket.on("data", (text: string) => {
      const [first = "", ...lines] = text.split("\n");
      rest.push(first);
      for (const line of lines) {
        received(parsed(rest.join("")));
        rest = [line];
      }
    });
    socket.on("error", (error) => {
      const code = codeOf(error) ?? "";
      if (["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE"].includes(code)) over(isOpen);
      else failed(new UserError(`The engine cannot be reached: ${error.message}.`, 3));
    });
    socket.on("close", () => over(isOpen));
  });
}
