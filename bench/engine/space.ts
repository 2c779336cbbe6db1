/** A temporary project in which the benchmarks cook: its node types are `studio/NAME`, from bench/engine/nodes. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Session, type SessionReport } from "../../src/cook/session.js";
import { openGraph, openStoreAt } from "../../src/engine/open.js";
import { machineSlots } from "../../src/engine/slots.js";
import type { EventSink } from "../../src/event/event.js";
import { openForecast } from "../../src/forecast/run-forecast.js";
import { CookSpace } from "../../test/helpers/cook-space.js";
import { command, type EndedCommand } from "./measure.js";

export const MAIN = fileURLToPath(new URL("../../src/cli/main.js", import.meta.url));
const NODES = ["answer", "copied", "copy", "count", "flop", "write"];

/** A store, a graph and workers that stay from cook to cook. */
export interface Living {
  /** `hold`: as `dag cook` and a watch do, parts of the graph that stand are not made into items. */
  cook(hold?: boolean): Promise<SessionReport>;
  /** Cooks another graph of the space with the same workers: from then on they are warm. */
  warm(graphFile: string): Promise<void>;
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
  async open(graphFile: string, storeName = ".dag", sink: EventSink = () => {}): Promise<Living> {
    const opened = await openGraph(this.path(graphFile), {}, { notify: sink });
    const store = await openStoreAt(this.path(storeName), false, { notify: sink });
    const session = new Session({ store, slots: machineSlots({}), sink, openForecast: openForecast(true) });
    const cook = async ({ graph, project }: typeof opened, hold = false): Promise<SessionReport> => {
      const report = await session.cook(graph, project, { dry: false, force: new Set<string>(), findUnchanged: hold });
      if (report.exit !== 0) throw new Error(`The cook of ${graph.file} ended with ${report.exit}.`);
      return report;
    };
    return {
      cook: (hold) => cook(opened, hold),
      warm: async (file) => void (await cook(await openGraph(this.path(file), {}, { notify: sink }))),
      close: async () => {
        await session.close();
        await store.close();
      },
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
