/**
 * Items whose work is done in workers: images mirrored by sharp beside sharp called directly, attributes, files of 1 KB
 * beside ninja's `cp`. `node dist/bench/engine/workers.js [COUNT]`
 *
 * Stores are cold, one of its own for each cook; workers are warm. CPU time is the engine's own process's.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import PQueue from "p-queue";
import sharp from "sharp";
import { machineSlots } from "../../src/engine/slots.js";
import { alternate, medians, printTable, type Row, type Spent, timed } from "./measure.js";
import { ninjaOver } from "./ninja.js";
import { BenchSpace, settle } from "./space.js";

const ROUNDS = 3;
const count = Number(process.argv[2] ?? 10_000);
const names = Array.from({ length: count }, (_, place) => `${place}.png`);
const space = new BenchSpace();
const stores = new Map<string, number>();

/** A cook with an empty store; it is opened, and the workers have cooked something else, before the clock starts. */
async function cold(graph: string): Promise<Spent> {
  const number = (stores.get(graph) ?? 0) + 1;
  stores.set(graph, number);
  const living = await space.open(graph, `${graph}-${number}`);
  await living.warm("warm.json");
  const spent = await timed(() => living.cook());
  await living.close();
  return spent;
}

/** One item after another, each below the one before it, so that none shares a message. */
async function oneByOne(length: number): Promise<Spent> {
  const nodes: Record<string, unknown> = { item0: { type: "studio/count", params: { count: 1 } } };
  for (let place = 1; place <= length; place++) {
    nodes[`item${place}`] = { type: "studio/answer", inputs: [`item${place - 1}`], params: { round: place } };
  }
  space.graph("chain.json", nodes);
  const spent: Spent[] = [];
  for (let round = 0; round < ROUNDS; round++) spent.push(await cold("chain.json"));
  return medians(spent);
}

async function direct(): Promise<void> {
  const folder = space.path("direct");
  mkdirSync(folder, { recursive: true });
  sharp.concurrency(1);
  const queue = new PQueue({ concurrency: machineSlots({}).cpu });
  await queue.addAll(
    names.map(
      (name) => () =>
        sharp(space.path(`images/${name}`))
          .flop()
          .png()
          .toFile(join(folder, name)),
    ),
  );
}

try {
  const create = { width: 64, height: 64, channels: 3, background: "#000" } as const;
  const noise = { type: "gaussian", mean: 128, sigma: 40 } as const;
  const image = await sharp({ create: { ...create, noise } })
    .png()
    .toBuffer();
  // A comment after the image's end makes every file's bytes its own, so that none is another's twin.
  space.files(
    names.map((name) => `images/${name}`),
    (place) => Buffer.concat([image, Buffer.from(String(place))]),
  );
  space.files(
    names.map((name) => `sources/${name}`),
    (place) => `${place} `.padEnd(1024, "x"),
  );
  await settle();
  const other = { type: "studio/answer", inputs: ["items"], params: { round: -1 } };
  space.graph("warm.json", { items: { type: "studio/count", params: { count: 256 } }, other });
  const counted = { type: "studio/count", params: { count } };
  space.graph("images.json", { images: { type: "studio/flop", params: { directory: "$HIP/images" } } });
  space.graph("attributes.json", { items: counted, work: { type: "studio/answer", inputs: ["items"] } });
  space.graph("batches.json", { items: counted, work: { type: "studio/answer", inputs: ["items"], batch_size: 100 } });
  space.graph("files.json", { items: counted, work: { type: "studio/write", inputs: ["items"] } });
  const ninja = ninjaOver(space, names);
  const spent = await alternate(ROUNDS, {
    direct: () => timed(direct),
    images: () => cold("images.json"),
    attributes: () => cold("attributes.json"),
    batches: () => cold("batches.json"),
    files: () => cold("files.json"),
  });
  const peer = medians(ninja === undefined ? [] : [await ninja()]);
  const chain = await oneByOne(500);
  const rows: Row[] = [
    { what: "sharp directly", spent: spent.direct, items: count },
    { what: "images through workers", spent: spent.images, items: count, peer: spent.direct },
    { what: "ninja, cp of 1 KB", spent: peer, items: count },
    { what: "files of 1 KB", spent: spent.files, items: count, peer, goal: "≥ 3k/s" },
    { what: "attributes", spent: spent.attributes, items: count, peer, goal: "≥ 20k/s" },
    { what: "attributes, batch_size 100", spent: spent.batches, items: count, peer, goal: "≥ 20k/s" },
    { what: "attributes, one by one", spent: chain, items: 500, peer: perItem(peer, 500), goal: "≤ 0.3 ms" },
  ];
  printTable(`${count} items through workers (medians of ${ROUNDS}; ninja once)`, rows);
} finally {
  space.remove();
}

function perItem({ wall, user, system }: Spent, items: number): Spent {
  const share = items / count;
  return { wall: wall * share, user: user * share, system: system * share };
}
