/**
 * The convolutions of the measured training steps, each in every form that it can take (`src/ml/onnx/forms`): what the table there
 * stands on. Least milliseconds of CPU of alternated runs in one process: with one thread, other work shows little.
 *
 *   node dist/bench/forms.js [--unpaired] [--size 64] [--batch 1] [--runs 20] [--threads 1]
 */
import { parseArgs } from "node:util";
import { FORMS, type Form, inForm } from "../src/ml/onnx/forms.js";
import { type ConvolutionKind, geometryOf } from "../src/ml/onnx/geometry.js";
import { lowerProgram, OPSET } from "../src/ml/onnx/lower.js";
import { modelOf } from "../src/ml/onnx/model.js";
import { encodeModel } from "../src/ml/onnx/model-bytes.js";
import { ProgramBuilder } from "../src/ml/program/build.js";
import type { Tensor } from "../src/ml/program/program.js";
import { sizeOf } from "../src/ml/program/shapes.js";
import { tensorsOf } from "../src/ml/program/walk.js";
import { runInPlace, withBarrier } from "../src/ml/runtime/onnxruntime/in-place.js";
import { loadOnnxruntime } from "../src/ml/runtime/onnxruntime/load.js";
import { pairedMethod } from "../src/ml/translation/paired.js";
import { unpairedMethod } from "../src/ml/translation/unpaired.js";
import { ALL, settingsOf } from "./step.js";

const { values } = parseArgs({
  options: {
    ...{ size: { type: "string", default: "64" }, batch: { type: "string", default: "1" } },
    ...{ runs: { type: "string", default: "20" }, threads: { type: "string", default: "1" } },
    unpaired: { type: "boolean", default: false },
  },
});
const { unpaired } = values;
const [batch, runs, threads] = [Number(values.batch), Number(values.runs), Number(values.threads)];
const sizes = ALL.find(({ size }) => size === Number(values.size))!;
const settings = settingsOf({ norm: "instance", ...sizes, unpaired, batch, steps: 1, threads });
const method = unpaired ? unpairedMethod(settings) : pairedMethod(settings);
const ort = await loadOnnxruntime();

const found = new Map<string, { readonly tensor: Tensor; count: number }>();
for (const { training } of method.stages(batch)) {
  for (const tensor of tensorsOf(training.program)) {
    if (geometryOf(tensor) === undefined) continue;
    const key = `${tensor.operation.kind.padEnd(20)} ${tensor.inputs.map(({ shape }) => shape.join("×")).join(" , ")}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, { tensor, count: 1 });
    else known.count++;
  }
}
for (const [key, { tensor, count }] of found) console.log(await measured(tensor), `${count} of ${key}`);

/** A convolution alone, its operands fed, in a form or in the usual one. */
async function stepOf(tensor: Tensor, form: Form | undefined): Promise<() => Promise<void>> {
  const b = new ProgramBuilder();
  const operands = tensor.inputs.map(({ shape }, at) => b.feed(`operand ${at}`, shape));
  const program = b.program(new Map([["y", b.make(tensor.operation, operands, tensor.shape)]]));
  const { graph, inputs, outputs } = lowerProgram(program, {
    rules: form === undefined ? [] : [(lowering, each) => inForm(form, lowering, each)],
    blocks: false,
  });
  const session = await ort.InferenceSession.create(encodeModel(modelOf(withBarrier(graph), OPSET)), {
    ...{ intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: "sequential", enableMemPattern: false },
    // Sessions that wait for work take it from each other.
    ...{ graphOptimizationLevel: "extended", logSeverityLevel: 4, extra: { session: { force_spinning_stop: "1" } } },
  });
  const tensorOf = ({ shape }: { shape: readonly number[] }) =>
    new ort.Tensor(
      "float32",
      Float32Array.from({ length: sizeOf(shape) }, (_, at) => Math.sin(at)),
      shape,
    );
  const feeds = Object.fromEntries(inputs.map((input) => [input.value, tensorOf(input)]));
  const fetches = Object.fromEntries(outputs.map((output) => [output.value, tensorOf(output)]));
  return () => runInPlace(session, feeds, fetches);
}

async function measured(tensor: Tensor): Promise<string> {
  const geometry = geometryOf(tensor)!;
  const kind = tensor.operation.kind as ConvolutionKind;
  const forms = [undefined, ...FORMS.filter((form) => form[kind] !== undefined && form.fits(geometry))];
  const steps = await Promise.all(forms.map((form) => stepOf(tensor, form)));
  const least = steps.map(() => Number.POSITIVE_INFINITY);
  for (let run = 0; run < runs; run++) {
    for (const [at, step] of steps.entries()) {
      const start = process.cpuUsage();
      await step();
      const { user, system } = process.cpuUsage(start);
      if (run > 0) least[at] = Math.min(least[at]!, (user + system) / 1000);
    }
  }
  const chosen = forms.find((form) => form?.gains(geometry));
  return forms
    .map((form, at) => `${form?.name ?? "usual"}${form === chosen ? "*" : ""} ${least[at]!.toFixed(2)}`.padEnd(16))
    .join("");
}
