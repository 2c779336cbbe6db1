/** The same training in PyTorch: each is computed once, and kept on disk. It knows the script's arguments and answers. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Arm, Sizes } from "./arms.js";
import type { Scores } from "./score.js";

const SCRIPT = "bench/torch_quality.py";
const KEPT = "node_modules/.cache/dag-bench";

/** What the script prints. */
export interface PeerRun {
  readonly torch: string;
  readonly updates: number;
  readonly cpu_s: number;
  /** Of generator and discriminator. */
  readonly parameters: readonly [number, number];
  /** By statistics and flips: `exported`, `recomputed+flips`. */
  readonly scores: Readonly<Record<string, Scores>>;
}

/** An arm's training by the peer; undefined where it has none. */
export function peerRun(
  python: string,
  { peer }: Arm,
  sizes: Sizes,
  { data, seed, updates, tiles }: { data: string; seed: number; updates: number; tiles: number },
): PeerRun | undefined {
  if (peer === null) return undefined;
  const batch = Number(peer[peer.indexOf("--batch") + 1] ?? 1) || 1;
  const iterations = Math.round(updates / Math.ceil(tiles / batch));
  const numbers = {
    side: sizes.side,
    layers: sizes.layers,
    ngf: sizes.ngf,
    cap: sizes.cap,
    "d-layers": sizes.patchLayers,
  };
  const given = Object.entries({ ...numbers, iterations, seed }).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
  const args = [SCRIPT, data, ...given, ...peer];
  const digest = createHash("sha256").update(readFileSync(SCRIPT)).update(args.join("\n")).digest("hex").slice(0, 16);
  const kept = join(KEPT, `quality-${digest}.json`);
  if (existsSync(kept)) return JSON.parse(readFileSync(kept, "utf8")) as PeerRun;
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${python} ${args.join(" ")} failed:\n${stderr}`);
  mkdirSync(KEPT, { recursive: true });
  writeFileSync(kept, stdout);
  return JSON.parse(stdout) as PeerRun;
}
