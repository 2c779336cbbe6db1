/** A temporary project in which the benchmarks cook: its node types are `studio/NAME`, from bench/engine/nodes. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { openGraph, openStoreAt } from "../../src/cli/open.js";
import { machineSlots } from "../../src/cli/slots.js";
import { Session, type SessionReport } from "../../src/cook/session.js";
import type { EventSink } from "../../src/event/event.js";
import { CookSpace } from "../../test/helpers/cook-space.js";
import { command, type EndedCommand } from "./measure.js";

export const MAIN = fileURLToPath(new URL("../../src/cli/main.js", import.meta.url));
const NODES = ["answer", "copy", "count", "flop", "write"];

/** A store and a graph that stay open from cook to cook. */
export interface Living {
  cook(sink?: EventSink): Promise<SessionReport>;
  close(): Promise<void>;
}

export class BenchSpace extends CookSpace {
  constructor() {
    super();
    for (const name of NODES) {
      const url = new URL(`nodes/${name}.js`, import.meta.url).href;
      this.node(name, `export { default } from ${JSON.stringify(url)};\n`);
    }
  }

  /** Runs `dag`, which must end well. */
  async run(...args: string[]): Promise<EndedCommand> {
    const ended = await command(this.folder, process.execPath, MAIN, ...args);
    if (ended.exit !== 0) throw new Error(`dag ${args.join(" ")} ended with ${ended.exit}: ${ended.stderr}`);
    return ended;
  }

  /** Opens a graph, and its store in a folder of the space. */
  async open(graphFile: string, storeName = ".dag"): Promise<Living> {
    const { graph, project } = await openGraph(this.path(graphFile), {});
    const store = await openStoreAt(this.path(storeName), false);
    const request = { dry: false, force: new Set<string>() };
    return {
      async cook(sink = () => {}) {
        const session = new Session({ store, slots: machineSlots({}), sink });
        const report = await session.cook(graph, project, request);
        await session.close();
        if (report.exit !== 0) throw new Error(`The cook of ${graphFile} ended with ${report.exit}.`);
        return report;
      },
      close: () => store.close(),
    };
  }

  /** Writes files by name, making their folders; `content` answers a file's bytes from its place. */
  files(names: readonly string[], content: (place: number) => string | Uint8Array): void {
    for (const folder of new Set(names.map((name) => dirname(this.path(name))))) mkdirSync(folder, { recursive: true });
    for (const [place, name] of names.entries()) this.write(name, content(place));
  }
}

/** A digest is not remembered before its file is two seconds old: benchmarks of what is remembered wait so long. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2500));
}
