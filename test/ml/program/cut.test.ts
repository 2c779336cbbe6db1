/** Programs that are cut: in the referee, their parts one after the other compute what the whole does. */
import { describe, expect, test } from "@jest/globals";
import { unet } from "../../../src/ml/networks/unet.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { type CutProgram, cutProgram } from "../../../src/ml/program/cut.js";
import type { Program, Tensor } from "../../../src/ml/program/program.js";
import { evaluateReference, type NamedArrays } from "../../../src/ml/program/reference.js";
import { sizeOf } from "../../../src/ml/program/shapes.js";
import { tensorsBefore, tensorsOf } from "../../../src/ml/program/walk.js";
import { optimizer } from "../../../src/ml/training/optimizers.js";
import { pairedProgram } from "../../../src/ml/translation/pix2pix.js";
import { relativeError, someValues } from "../reference.js";
import { tinyDiscriminator, tinyUnetOptions } from "../translation/tiny.js";

const options = (norm: "batch" | "instance", apart: boolean) => ({
  ...{ generator: unet({ ...tinyUnetOptions(true), norm }), discriminator: tinyDiscriminator(6, true) },
  ...{ optimizer: optimizer({ algorithm: "adam", beta: [0.5, 0.999] as const }), gan_mode: "vanilla" as const },
  ...{ l1_lambda: 100, image_shape: [2, 3, 16, 16], apart },
});

/** Runs the parts in turn, the gradients as they are. */
function evaluateParts({ parts, kept }: CutProgram, feeds: NamedArrays, start: NamedArrays) {
  const state = new Map([
    ...start,
    ...[...kept].map(([name, shape]) => [name, new Float64Array(sizeOf(shape))] as const),
  ]);
  const outputs = new Map<string, Float64Array>();
  const run = (program: Program, given: NamedArrays) => {
    const done = evaluateReference(program, { feeds: given, state });
    for (const [name, values] of done.updates) state.set(name, values);
    return done.outputs;
  };
  for (const { before, over } of parts) {
    const answers = run(before, feeds);
    for (const [name, values] of answers) outputs.set(name, values);
    if (over !== null) run(over, new Map([...feeds, ...answers]));
  }
  return { outputs, state };
}

/** How many of these cost something: not leaves, and not other arrangements of a value. */
function counted(tensors: readonly Tensor[]): number {
  const free = ["feed", "state", "constant", "reshape", "expand"];
  return tensors.filter(({ operation }) => !free.includes(operation.kind)).length;
}

describe("a program that is cut", () => {
  for (const norm of ["instance", "batch"] as const) {
    test(`cut: the parts of a paired update with ${norm} norm compute what the whole does, no operation twice`, () => {
      const whole = pairedProgram(options(norm, false));
      const apart = pairedProgram(options(norm, true));
      const cut = cutProgram(apart.program, apart.steps);
      expect(cut.parts.map(({ over }) => over !== null)).toEqual([true, true]);

      const state = new Map([...whole.state].map(([name, shape], at) => [name, someValues(sizeOf(shape), at)]));
      for (const [name, values] of state) if (/:v$|running_var/.test(name)) state.set(name, values.map(Math.abs));
      const image = (phase: number) => someValues(2 * 3 * 16 * 16, phase);
      const scalars = [...options(norm, false).optimizer.scalars(1, () => 2e-4)];
      const feeds = new Map([
        ...([["A", image(1)] as const, ["B", image(2)] as const] as const),
        ...scalars.map(([name, value]) => [name, Float64Array.of(value)] as const),
      ]);
      const expected = evaluateReference(whole.program, { feeds, state });
      const found = evaluateParts(cut, feeds, state);
      expect([...expected.outputs.keys()].every((name) => found.outputs.has(name))).toBe(true);
      for (const [name, values] of expected.outputs) {
        expect(relativeError(found.outputs.get(name)!, values)).toBeLessThan(1e-12);
      }
      expect(expected.updates.size).toBe(apart.program.updates.size);
      for (const [name, values] of expected.updates) {
        expect(relativeError(found.state.get(name)!, values)).toBeLessThan(1e-9);
      }

      const parts = cut.parts.flatMap(({ before, over }) => (over ? [before, over] : [before]));
      const gradients = apart.steps.flatMap((step) => [...step.gradients.values()]);
      const all = tensorsBefore([...tensorsOf(apart.program), ...gradients]);
      expect(counted(parts.flatMap(tensorsOf))).toBe(counted(all));
    });
  }

  test("cut: a sum of what is made before a cut is kept, not its terms; a program without cuts stays as it is", () => {
    const b = new ProgramBuilder();
    const [w, x, gradient] = [b.state("w", [1]), b.feed("x", [8]), b.feed("g", [1])];
    const square = b.exp(x);
    const next = b.sub(w, gradient);
    const after = b.mul(b.reshape(b.sum(square), [1]), b.exp(next));
    const program = b.program(new Map([["after", after]]), new Map([["w", next]]));
    const cuts = [{ gradients: new Map([["g", b.mul(w, 2)]]), updates: new Map([["w", next]]) }];
    const cut = cutProgram(program, cuts, " here");
    expect([...cut.kept]).toEqual([[expect.stringMatching(/^kept \d+ here$/), [1]]]);
    const feeds = new Map([["x", new Float64Array(8)]]);
    const { outputs, state } = evaluateParts(cut, feeds, new Map([["w", Float64Array.of(3)]]));
    expect([outputs.get("after")![0], state.get("w")![0]]).toEqual([8 * Math.exp(-3), -3]);
    const whole = cutProgram(program, []);
    expect(whole.parts).toEqual([{ before: program, over: null }]);
    expect(whole.kept.size).toBe(0);
  });

  test("cut: state that a cut has replaced cannot be read after it", () => {
    const b = new ProgramBuilder();
    const [w, gradient] = [b.state("w", [1]), b.feed("g", [1])];
    const next = b.sub(w, gradient);
    const program = b.program(new Map([["after", b.mul(next, w)]]), new Map([["w", next]]));
    const cuts = [{ gradients: new Map([["g", b.mul(w, 2)]]), updates: new Map([["w", next]]) }];
    expect(() => cutProgram(program, cuts)).toThrow('cut: the state "w" is read after it was replaced');
  });
});
