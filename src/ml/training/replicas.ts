/**
 * Training on several devices (data parallelism): each holds all of the state and learns from its share of a batch; at every
 * optimizer step the gradients are averaged, and all take the same step. It knows nothing of samples, pools or files.
 */
import { type CutProgram, cutProgram } from "../program/cut.js";
import type { Program, Shape } from "../program/program.js";
import { sizeOf } from "../program/shapes.js";
import { tensorsOf } from "../program/walk.js";
import type { CompiledProgram, Runtime, RuntimeState, Values } from "../runtime/runtime.js";
import type { CompiledStage, Compute } from "./compute.js";
import type { Method, UpdateStage } from "./method.js";
import { joinedShares, meanOf, type Share, sharesOf, valuesOfShare } from "./shares.js";

/** The programs of an update of `count` samples, each cut at its optimizer steps. */
export function cutStages(method: Method, count: number): readonly CutProgram[] {
  return method
    .stages(count, true)
    .map(({ training }, stage) => cutProgram(training.program, training.steps, ` in ${stage} of ${count}`));
}

/** A method on several devices of one kind. The first one's state is what is read, and it alone computes what is no update. */
export function onSeveral(runtimes: readonly Runtime[], method: Method, shapes: ReadonlyMap<string, Shape>): Compute {
  const replicas = runtimes.map((runtime) => new Replica(runtime, shapes));
  const [first] = replicas as [Replica];
  return {
    state: {
      read: (name) => first.state.read(name),
      write(name, values) {
        for (const { state } of replicas) state.write(name, values);
      },
    },
    compile: (program) => first.compile(program),
    async stages(count) {
      const shares = sharesOf(count, replicas.length);
      const cuts = new Map(
        [...new Set(shares.map((share) => share.count))].map((own) => [own, cutStages(method, own)]),
      );
      const made: CompiledStage[] = [];
      for (const [at, stage] of method.stages(count).entries()) {
        const learners = shares.map((share, device) => ({
          ...{ share, replica: replicas[device]!, cut: cuts.get(share.count)![at]! },
        }));
        made.push({ ...stage, compiled: await compileStage(at, stage, learners, replicas) });
      }
      return made;
    },
    dispose() {
      for (const replica of replicas) replica.dispose();
    },
  };
}

/** One device with all of the state. */
class Replica {
  readonly state: RuntimeState;
  readonly #runtime: Runtime;
  readonly #all: CompiledProgram[] = [];
  /** Programs that are the same for batches of any size, by name. */
  readonly #shared = new Map<string, CompiledProgram>();

  constructor(runtime: Runtime, shapes: ReadonlyMap<string, Shape>) {
    this.#runtime = runtime;
    this.state = runtime.createState(shapes);
  }

  async compile(program: Program): Promise<CompiledProgram> {
    const compiled = await this.#runtime.compile(program, this.state);
    this.#all.push(compiled);
    return compiled;
  }

  async compileShared(name: string, program: Program): Promise<CompiledProgram> {
    const compiled = this.#shared.get(name) ?? (await this.compile(program));
    this.#shared.set(name, compiled);
    return compiled;
  }

  dispose(): void {
    for (const compiled of this.#all) compiled.dispose();
    this.state.dispose();
  }
}

/** A device that learns from a share, and the programs that it does so by. */
interface Learner {
  readonly share: Share;
  readonly replica: Replica;
  readonly cut: CutProgram;
}

type Named = ReadonlyMap<string, Values>;

/** What is between two optimizer steps, compiled. */
interface Part {
  /** On each device that learns. */
  readonly before: readonly ((batch: Named) => Promise<Named>)[];
  /** The mean gradients by their feeds, and the optimizer's step on each device, whether it learned or not. */
  readonly means: ReadonlyMap<string, Values>;
  readonly over: readonly CompiledProgram[];
}

async function compileStage(
  stage: number,
  { training }: UpdateStage,
  learners: readonly Learner[],
  replicas: readonly Replica[],
): Promise<CompiledProgram> {
  const shares = learners.map(({ share }) => share);
  for (const { replica, cut } of learners) replica.state.add(cut.kept);
  const parts: Part[] = [];
  for (const [at, { before, over }] of learners[0]!.cut.parts.entries()) {
    const gradients = over === null ? [] : [...before.outputs].filter(([name]) => !training.program.outputs.has(name));
    parts.push({
      before: await together(learners, ({ replica, share, cut }) =>
        compileShare(replica, share, cut.parts[at]!.before),
      ),
      means: new Map(gradients.map(([name, { shape }]) => [name, new Float32Array(sizeOf(shape))])),
      over: over === null ? [] : await together(replicas, (each) => each.compileShared(`${stage} ${at}`, over)),
    });
  }
  return {
    async step(feeds) {
      const computed: Named[] = learners.map(() => new Map());
      for (const { before, means, over } of parts) {
        const found = await together(before, (run) => run(feeds));
        for (const [at, named] of found.entries()) computed[at] = new Map([...computed[at]!, ...named]);
        for (const [name, mean] of means)
          meanOf(
            found.map((named) => named.get(name)!),
            shares,
            mean,
          );
        const given = new Map([...feeds, ...means]);
        await together(over, (each) => each.step(given));
      }
      const join = (name: string) => computed.map((named) => named.get(name)!);
      return new Map(
        [...training.program.outputs].map(([name, tensor]) => [name, joinedShares(tensor, join(name), shares)]),
      );
    },
    // With its replica.
    dispose: () => undefined,
  };
}

/** A share's program: what it is fed of a batch are its samples. */
async function compileShare(
  replica: Replica,
  share: Share,
  program: Program,
): Promise<(batch: Named) => Promise<Named>> {
  const compiled = await replica.compile(program);
  const leaves = tensorsOf(program).flatMap(({ operation, shape }) =>
    operation.kind === "feed" ? [[operation.name, shape] as const] : [],
  );
  return (batch) =>
    compiled.step(new Map(leaves.map(([name, shape]) => [name, valuesOfShare(batch.get(name)!, shape, share)])));
}

/** Does the work of all devices at a time. The first one's is begun last: it may block the thread that begins it. */
async function together<A, B>(devices: readonly A[], work: (device: A) => Promise<B>): Promise<readonly B[]> {
  const begun = devices.toReversed().map(work);
  return (await Promise.all(begun)).reverse();
}
