/**
 * Runs a node's `discover`. Its doors are answered by the engine, which records them; what a look found out is asked for
 * once a look and listing, and findings are sent together. It knows no file but through the engine's answers.
 */
import { awaitNode, NodeError } from "../base/error.js";
import { canonicalJson, digestOf } from "../base/hash.js";
import type { DiscoverContext, DiscoveredFile, Json } from "../nodetype/define.js";
import { settle, type TaskContext } from "./cook.js";
import { checkPlain } from "./outputs.js";
import { PassThrough } from "./passed.js";
import type { DiscoverRequest, DiscoverTask, FoundFile, RememberedValue, TaskResult } from "./protocol.js";

/** Findings are sent in groups of this many. */
const GROUP = 256;

/** What a discovery needs of its worker, besides what every task needs. */
export interface DiscoverTaskContext extends TaskContext {
  ask(question: DiscoverRequest): Promise<unknown>;
  remember(key: string, found: readonly RememberedValue[]): void;
}

/** Discovers. Never rejects: what node code throws is a result. */
export function performDiscover(task: DiscoverTask, around: DiscoverTaskContext): Promise<TaskResult> {
  return settle(task, around, async (log) => {
    const { discover } = await around.load(task.module);
    if (discover === undefined) throw new NodeError(`${task.module} exports a node type without discover.`);
    const memory = createMemory(around);
    const warn = (line: string) => {
      log.line(`warning: ${line}`);
      around.warn(line);
    };
    const upstream = task.upstream?.map(({ absolute, ...file }) => {
      memory.keep({ ...file, absolute });
      return file;
    });
    const passing = new PassThrough();
    const deps = { ...contextOf(around, memory, passing), upstream, warn };
    const value = await awaitNode(() => discover(task.params as never, deps));
    memory.flush();
    const passed = passing.of(value);
    if (passed !== undefined) return { kind: "discovered", passed };
    checkPlain(value, "What discover answered", true);
    return { kind: "discovered", value };
  });
}

interface Memory {
  /** Notes a file that the doors answered: only these may be looked at. */
  keep(file: Looked): void;
  known(file: Omit<Looked, "absolute">): Looked;
  /** What is remembered of a file for the look that `key` names. */
  recall(key: string, digest: string): Promise<Json | undefined>;
  learn(key: string, finding: RememberedValue): void;
  flush(): void;
}

/** A file that may be looked at; of those with the same content, any will do. */
type Looked = Pick<FoundFile, "name" | "digest" | "absolute">;

/** One kind of look at files. `asked`: how many of the found files the engine was asked about. */
interface Look {
  asked: number;
  readonly responses: Map<string, Promise<ReadonlyMap<string, Json>>>;
  readonly found: RememberedValue[];
}

function createMemory({ ask, remember }: DiscoverTaskContext): Memory {
  const files = new Map<string, Looked>();
  const digests: string[] = [];
  const looks = new Map<string, Look>();
  const lookOf = (key: string) => {
    const look: Look = looks.get(key) ?? { asked: 0, responses: new Map(), found: [] };
    looks.set(key, look);
    return look;
  };
  const send = ({ found }: Look, key: string) => {
    if (found.length > 0) remember(key, found.splice(0));
  };
  return {
    keep(file) {
      files.set(file.digest, file);
      digests.push(file.digest);
    },
    known({ name, digest }) {
      const known = files.get(digest);
      if (known === undefined)
        throw new Error(`"${name}" came from neither list, read nor upstream: it cannot be probed.`);
      return known;
    },
    async recall(key, digest) {
      const look = lookOf(key);
      if (!look.responses.has(digest)) {
        // One question for all that was found since the last.
        const wanted = [...new Set(digests.slice(look.asked))];
        look.asked = digests.length;
        const response = ask({ method: "recall", key, digests: wanted }).then(
          (found) => new Map((found as readonly RememberedValue[]).map(({ digest, value }) => [digest, value])),
        );
        for (const each of wanted) look.responses.set(each, response);
      }
      return (await look.responses.get(digest))?.get(digest);
    },
    learn(key, finding) {
      const look = lookOf(key);
      look.found.push(finding);
      if (look.found.length >= GROUP) send(look, key);
    },
    flush: () => looks.forEach(send),
  };
}

function contextOf(
  { ask }: DiscoverTaskContext,
  memory: Memory,
  passing: PassThrough,
): Omit<DiscoverContext, "warn" | "upstream"> {
  const shown = (file: FoundFile): DiscoveredFile => {
    memory.keep(file);
    const { absolute: _, ...rest } = file;
    return rest;
  };
  return {
    async list(directory, glob, { recursive = false } = {}) {
      const listing = { directory, glob, recursive };
      const files = (await ask({ method: "list", ...listing })) as readonly FoundFile[];
      for (const file of files) memory.keep(file);
      return passing.shown(files, listing);
    },
    async read(path) {
      return shown((await ask({ method: "read", path })) as FoundFile);
    },
    async probe<T extends Json>(
      file: Omit<Looked, "absolute">,
      look: (path: string, about: never) => Promise<T>,
      about?: Json,
    ): Promise<T> {
      const { digest, absolute } = memory.known(file);
      // Two looks of one node type differ in their text, or in what they are given.
      const text = about === undefined ? String(look) : `${look} ${canonicalJson(about)}`;
      const key = digestOf(text).slice(0, 16);
      const remembered = await memory.recall(key, digest);
      if (remembered !== undefined) return remembered as T;
      const value = await look(absolute, about as never);
      checkPlain(value, `What a probe found out about "${file.name}"`, true);
      memory.learn(key, { digest, value });
      return value;
    },
  };
}
