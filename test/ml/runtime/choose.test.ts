/** Which runtime is chosen, on machines made up for it; only onnxruntime on the processor really computes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { chooseRuntimes, type RuntimeChoice } from "../../../src/ml/runtime/choose/choose.js";
import { RuntimeError } from "../../../src/ml/runtime/errors.js";
import { createReference } from "../../../src/ml/runtime/reference.js";
import type { Runtime } from "../../../src/ml/runtime/runtime.js";
import { type RuntimeTarget, TARGETS, targetName } from "../../../src/ml/runtime/target/target.js";
import { examine } from "../../../src/ml/runtime/trial/examine.js";
import { type Measured, probe, type Rejected } from "../../../src/ml/runtime/trial/probe.js";
import { type TrialResult, trialResultsIn } from "../../../src/ml/runtime/trial/results.js";
import type { TrialDeps } from "../../../src/ml/runtime/trial/trial.js";

const space = mkdtempSync(join(tmpdir(), "dag-choose-"));
afterAll(() => rmSync(space, { recursive: true }));

const GOOD: Measured = { version: "1", error: 1e-6 };
/** Seconds of an update. */
const SLOW = 40;

/** A machine with these devices: what a trial shows, and how many seconds an update takes. */
interface Made {
  readonly card?: boolean;
  /** How many NVIDIA cards there are. */
  readonly cards?: number;
  readonly devices: Readonly<
    Record<string, { readonly shown?: Measured | Rejected; readonly step?: number; fails?: boolean }>
  >;
  readonly results?: Map<string, TrialResult>;
}

/** `opened`: with how many threads, and which of several devices in a thread of its own. */
function machine({ card = true, cards = 1, devices, results = new Map() }: Made) {
  const [tried, opened]: [string[], object[]] = [[], []];
  const made: TrialDeps & { readonly tried: string[]; readonly opened: object[] } = {
    ...{ tried, opened, cards },
    mayHaveCard: card,
    results: { get: (key) => results.get(key), set: (key, verdict) => void results.set(key, verdict) },
    async probe(target) {
      tried.push(targetName(target));
      return devices[targetName(target)]?.shown ?? { problem: "not here" };
    },
    async open(target, threads) {
      const device = devices[targetName(target)];
      if (device === undefined) throw new RuntimeError("not here");
      opened.push({ target: targetName(target), threads });
      return runtimeOf(target, device);
    },
    async openThread(target, place) {
      opened.push({ target: targetName(target), ...place });
      return runtimeOf(target, devices[targetName(target)]!);
    },
    seconds: async ({ name, device }) => devices[`${name} on ${device}`]!.step ?? 1,
  };
  return made;
}

function runtimeOf({ runtime: name, device }: RuntimeTarget, { fails = false }: Made["devices"][string]): Runtime {
  const referee = createReference();
  return {
    ...{ ...referee, name, device, version: "1" },
    async compile(program, state) {
      const compiled = await referee.compile(program, state);
      return {
        async step(feeds) {
          if (fails) throw new Error("the device was lost");
          return await compiled.step(feeds);
        },
        dispose: () => compiled.dispose(),
      };
    },
  };
}

function work() {
  const b = new ProgramBuilder();
  return { programs: [b.program(new Map([["y", b.neg(b.feed("x", [2]))]]))], state: new Map() };
}

const AUTO: RuntimeChoice = { runtime: "auto", device: null, allow_fallback: false, granted: true, devices: 1 };

async function choose(choice: Partial<RuntimeChoice>, on: TrialDeps) {
  const [logged, warned]: [string[], string[]] = [[], []];
  const deps = { log: (line: string) => void logged.push(line), warn: (line: string) => void warned.push(line) };
  const runtimes = await chooseRuntimes({ ...AUTO, ...choice }, { ...deps, threads: 3, work, machine: on });
  const [runtime] = runtimes;
  return { name: `${runtime.name} on ${runtime.device}`, runtime, runtimes, logged, warned };
}

const PROCESSOR = { "onnxruntime on cpu": { step: SLOW } };

describe("the choice of a runtime", () => {
  test("choose: a card that computes right and is faster is taken, CUDA before WebGPU, and the log says what computes", async () => {
    const cards = { "onnxruntime on cuda": { shown: GOOD }, "onnxruntime on webgpu": { shown: GOOD } };
    const { name, logged } = await choose({}, machine({ devices: { ...PROCESSOR, ...cards } }));
    expect(name).toBe("onnxruntime on cuda");
    expect(logged.at(-1)).toBe("computes with onnxruntime on cuda (1), 3 threads");
    const webgpu = { ...PROCESSOR, "onnxruntime on webgpu": { shown: GOOD } };
    expect((await choose({}, machine({ devices: webgpu }))).name).toBe("onnxruntime on webgpu");
  });

  test("choose: a card that is wrong, or slower than the processor, is not taken, and the log says why", async () => {
    const wrong = { "onnxruntime on webgpu": { shown: { version: "1", error: 0.8 } } };
    const first = await choose({}, machine({ devices: { ...PROCESSOR, ...wrong } }));
    expect(first.name).toBe("onnxruntime on cpu");
    expect(first.logged.join("\n")).toContain(
      "onnxruntime on webgpu is not taken: it computes wrong: a small update is off by 8.0e-1 (limit 0.001)",
    );
    const slow = { "onnxruntime on cpu": {}, "onnxruntime on webgpu": { shown: GOOD, step: SLOW } };
    const second = await choose({}, machine({ devices: slow }));
    expect(second.name).toBe("onnxruntime on cpu");
    expect(second.logged.join("\n")).toContain("it is slower than the processor at this training");
    expect([...first.warned, ...second.warned]).toEqual([]);
  });

  test("choose: no number is not taken for a small error", async () => {
    const devices = { ...PROCESSOR, "onnxruntime on webgpu": { shown: { version: "1", error: Number.NaN } } };
    expect((await choose({}, machine({ devices }))).name).toBe("onnxruntime on cpu");
  });

  test("choose: without a card nothing is tried; without onnxruntime TensorFlow.js computes, native before WebAssembly", async () => {
    const devices = { "tensorflow on cpu": {}, "tensorflow on wasm": {} };
    const on = machine({ card: false, devices });
    expect((await choose({}, on)).name).toBe("tensorflow on cpu");
    expect(on.tried).toEqual([]);
    const wasm = machine({ card: false, devices: { ...PROCESSOR, "tensorflow on wasm": {} } });
    expect((await choose({ runtime: "tensorflow" }, wasm)).name).toBe("tensorflow on wasm");
  });

  test("choose: where nothing can be used the error names each runtime and how to get it", async () => {
    const chosen = choose({}, machine({ card: false, devices: {} }));
    await expect(chosen).rejects.toThrow(
      /^No runtime can be used here\.\n {2}onnxruntime on cpu: not here\. "npm install/,
    );
    await expect(chosen).rejects.toThrow("  tensorflow on wasm: not here.");
  });

  test("choose: trials are remembered, per program where speed is meant", async () => {
    const results = new Map<string, TrialResult>();
    const devices = { ...PROCESSOR, "onnxruntime on webgpu": { shown: GOOD } };
    expect((await choose({}, machine({ devices, results }))).name).toBe("onnxruntime on webgpu");
    expect([...results.values()].filter((verdict) => verdict === null).length).toBe(2);
    const later = machine({ devices: { ...devices, "onnxruntime on cuda": { shown: GOOD } }, results });
    const { name, logged } = await choose({}, later);
    expect([name, later.tried]).toEqual(["onnxruntime on webgpu", []]);
    expect(logged[0]).toContain('onnxruntime on cuda is not taken: not here (tried before; "dag doctor" tries again)');
  });
});

describe("a device that is asked for", () => {
  test("choose: where it is absent the error says how to get it, and is no refusal remembered", async () => {
    const results = new Map<string, TrialResult>();
    const chosen = choose({ device: "cuda" }, machine({ devices: PROCESSOR, results }));
    await expect(chosen).rejects.toThrow(
      'env.override_device "cuda" cannot be used.\n  onnxruntime on cuda: not here. It needs',
    );
    await expect(chosen).rejects.toThrow("  tensorflow on cuda: not here.");
    await expect(chosen).rejects.toThrow("with env.allow_fallback another.");
    const mended = machine({ devices: { "onnxruntime on cuda": { shown: GOOD } }, results });
    expect((await choose({ device: "cuda" }, mended)).name).toBe("onnxruntime on cuda");
  });

  test("choose: it is taken however slow it is, but not where it computes wrong", async () => {
    const slow = { ...PROCESSOR, "onnxruntime on webgpu": { shown: GOOD, step: 2 * SLOW } };
    expect((await choose({ device: "webgpu" }, machine({ devices: slow }))).name).toBe("onnxruntime on webgpu");
    const wrong = { ...PROCESSOR, "onnxruntime on webgpu": { shown: { version: "1", error: 1 } } };
    await expect(choose({ device: "webgpu" }, machine({ devices: wrong }))).rejects.toThrow("it computes wrong");
  });

  test("choose: where the graph allows it another is taken, with a warning on one line", async () => {
    const { name, warned } = await choose({ device: "cuda", allow_fallback: true }, machine({ devices: PROCESSOR }));
    expect(name).toBe("onnxruntime on cpu");
    expect(warned).toEqual([
      expect.stringMatching(/^env\.override_device "cuda" cannot be used\..*onnxruntime on cpu is taken instead\.$/),
    ]);
  });

  test("choose: a card that fails at a step is named, and the next attempt that may falls back", async () => {
    const results = new Map<string, TrialResult>();
    const devices = { ...PROCESSOR, "onnxruntime on webgpu": { shown: GOOD, fails: true } };
    const { runtime } = await choose({ device: "webgpu" }, machine({ devices, results }));
    const compiled = await runtime.compile(work().programs[0]!, runtime.createState(new Map()));
    await expect(compiled.step(new Map([["x", new Float32Array(2)]]))).rejects.toThrow(
      "onnxruntime on webgpu failed: the device was lost",
    );
    const next = await choose({ device: "webgpu", allow_fallback: true }, machine({ devices, results }));
    expect(next.name).toBe("onnxruntime on cpu");
    expect(next.warned[0]).toContain("it failed while training: the device was lost");
  });
});

describe("several devices", () => {
  const CARDS = { ...PROCESSOR, "onnxruntime on cuda": { shown: GOOD } };

  test("choose: as many cards as are asked for, each other one in a thread of its own, the processor's threads divided", async () => {
    const on = machine({ devices: CARDS, cards: 4 });
    const { runtimes, logged, warned } = await choose({ devices: 3 }, on);
    expect(runtimes.map(({ device }) => device)).toEqual(["cuda", "cuda", "cuda"]);
    expect(logged.at(-1)).toBe("computes with 3 times onnxruntime on cuda (1), 1 threads each");
    expect(on.opened.slice(-3)).toEqual([
      { target: "onnxruntime on cuda", at: 1, threads: 1 },
      { target: "onnxruntime on cuda", at: 2, threads: 1 },
      { target: "onnxruntime on cuda", threads: 1 },
    ]);
    expect(warned).toEqual([]);
  });

  test("choose: fewer cards than are asked for are an error where they were named, else a warning", async () => {
    const two = machine({ devices: CARDS, cards: 2 });
    await expect(choose({ devices: 3, device: "cuda" }, two)).rejects.toThrow(
      "env.devices 3: this training may use 2 graphics cards. With env.allow_fallback it takes those that there are.",
    );
    for (const choice of [{}, { device: "cuda", allow_fallback: true }] as const) {
      const { runtimes, warned } = await choose({ devices: 3, ...choice }, machine({ devices: CARDS, cards: 2 }));
      expect(runtimes.length).toBe(2);
      expect(warned).toEqual(["env.devices 3: this training may use 2 graphics cards, and takes no more."]);
    }
  });

  test("choose: the processor is divided where it is named, and computes alone where it is what there is", async () => {
    const named = await choose({ devices: 2, device: "cpu" }, machine({ devices: PROCESSOR }));
    expect([named.runtimes.length, named.warned]).toEqual([2, []]);
    const fallen = { devices: 2, device: "cuda", allow_fallback: true } as const;
    for (const choice of [{ devices: 2 }, fallen]) {
      const { runtimes, warned } = await choose(choice, machine({ devices: PROCESSOR }));
      expect(runtimes.length).toBe(1);
      expect(warned.at(-1)).toMatch(/^env\.devices 2: onnxruntime on cpu computes alone\. Several are graphics cards /);
    }
  });

  test("choose: a second card that fails at a step is named, and the next attempt that may falls back", async () => {
    const results = new Map<string, TrialResult>();
    const devices = { ...PROCESSOR, "onnxruntime on cuda": { shown: GOOD, fails: true } };
    const on = () => machine({ devices, results, cards: 2 });
    const { runtimes } = await choose({ devices: 2 }, on());
    const compiled = await runtimes[1]!.compile(work().programs[0]!, runtimes[1]!.createState(new Map()));
    await expect(compiled.step(new Map([["x", new Float32Array(2)]]))).rejects.toThrow(
      "onnxruntime on cuda failed: the device was lost",
    );
    expect((await choose({ devices: 2 }, on())).name).toBe("onnxruntime on cpu");
  });
});

describe("trials and what is remembered of them", () => {
  test("probe: a device that is absent is refused with the reason, by a process of its own", async () => {
    const target = TARGETS.find(({ device }) => device === "coreml")!;
    const answer = await probe(target, { threads: 1, rateSeconds: 0, deep: false });
    if (process.platform === "darwin") return;
    expect(answer).toEqual({ problem: `onnxruntime-node has no such device on ${process.platform} ${process.arch}` });
  });

  test("verdicts: they outlive the process; a damaged file is as if nothing were known", () => {
    const path = join(space, "cache", "devices.json");
    trialResultsIn(path).set("a", null);
    trialResultsIn(path).set("b", "it computes wrong");
    expect([trialResultsIn(path).get("a"), trialResultsIn(path).get("b"), trialResultsIn(path).get("c")]).toEqual([
      ...[null, "it computes wrong", undefined],
    ]);
    for (let at = 0; at < 300; at++) trialResultsIn(path).set(`more ${at}`, null);
    expect(Object.keys(JSON.parse(readFileSync(path, "utf8"))).length).toBe(200);
    writeFileSync(path, "{");
    expect(trialResultsIn(path).get("a")).toBeUndefined();
  });

  test("doctor: wrong operations are listed by name; without any runtime nothing is optional", async () => {
    const operations = [
      { name: "conv", error: 1e-7 },
      { name: "tanh", error: 0.5 },
      { name: "pad", error: null, reason: "no kernel" },
    ];
    const results = trialResultsIn(join(space, "doctor.json"));
    const shown = await examine(true, results, async ({ device }) =>
      device === "cpu" ? { ...GOOD, rate: 51.23, operations } : { problem: "not here\nat all" },
    );
    const of = (name: string) => shown.find((each) => each.name === name);
    expect(of("onnxruntime on cpu")!.detail).toMatch(/^1, \d+ threads, 51\.2 GFLOP\/s in matrix products$/);
    expect(of("onnxruntime on cpu, operations")).toMatchObject({
      ok: false,
      detail: "1 of 3 within 0.001 of the referee; most off: tanh, 5.0e-1",
    });
    expect(of("onnxruntime on cpu, tanh")).toEqual({ name: expect.anything(), ok: false, detail: "off by 5.0e-1" });
    expect(of("onnxruntime on cpu, pad")!.detail).toBe("no kernel");
    expect(of("onnxruntime on webgpu")).toMatchObject({
      ok: false,
      optional: true,
      detail: expect.stringMatching(/^not here\. It needs a graphics card/),
    });
    const none = await examine(false, results, async () => ({ problem: "not here" }));
    expect(none.every(({ ok, optional }) => !ok && optional === false)).toBe(true);
  });
});
