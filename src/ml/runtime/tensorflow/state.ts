/**
 * State of programs as tensors of TensorFlow.js, which stay in the backend between steps, in the order that its kernels
 * want. It knows nothing of programs.
 */
import type { Shape } from "../../program/program.js";
import { addState, type RuntimeState, requireValues, type Values } from "../runtime.js";
import { inOrder, naturalOrder, reorder, shared, stateOrder, type Tf, type TfTensor, type TfValue } from "./value.js";

export class TensorState implements RuntimeState {
  readonly shapes = new Map<string, Shape>();
  readonly #tf: Tf;
  readonly #tensors = new Map<string, TfTensor>();

  constructor(tf: Tf, shapes: ReadonlyMap<string, Shape>) {
    this.#tf = tf;
    this.add(shapes);
  }

  add(shapes: ReadonlyMap<string, Shape>): void {
    addState(this.shapes, shapes, (name, shape) => {
      this.#tensors.set(name, this.#tf.keep(this.#tf.zeros(inOrder(shape, stateOrder(shape)), "float32")));
    });
  }

  /** The stored tensor itself: whoever asks does not own it. */
  value(name: string): TfValue {
    const stored = this.#tensors.get(name);
    if (stored === undefined) throw new Error(`no state is named "${name}"`);
    return { stored, order: stateOrder(this.shapes.get(name)!) };
  }

  /** Puts another tensor, stored in the same order, in the place of the one that is there, which is freed. */
  replace(name: string, tensor: TfTensor): void {
    this.value(name).stored.dispose();
    this.#tensors.set(name, this.#tf.keep(tensor));
  }

  async read(name: string): Promise<Values> {
    const value = this.value(name);
    const natural = this.#tf.tidy(() => shared(this.#tf, reorder(this.#tf, value, naturalOrder(value.order))));
    try {
      return await natural.data<"float32">();
    } finally {
      natural.dispose();
    }
  }

  write(name: string, values: Values): void {
    requireValues(this.shapes, name, values);
    const { order } = this.value(name);
    const shape = this.shapes.get(name)!;
    const tf = this.#tf;
    const stored = tf.tidy(() => {
      // A backend may read the array as late as at the first step.
      const natural = { stored: tf.tensor(values.slice(), [...shape], "float32"), order: naturalOrder(shape) };
      return reorder(tf, natural, order);
    });
    this.replace(name, stored);
  }

  dispose(): void {
    for (const tensor of this.#tensors.values()) tensor.dispose();
    this.#tensors.clear();
  }
}
