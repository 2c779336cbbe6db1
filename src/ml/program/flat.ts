/**
 * Programs as plain lists, which can be sent to another thread: tensors that hold their inputs are too deep for that. It knows
 * nothing of what they compute.
 */
import type { Operation, Program, Shape, Tensor } from "./program.js";
import { tensorsOf } from "./walk.js";

/** A program whose tensors name each other by their places in a list, each after its inputs. */
export interface FlatProgram {
  readonly tensors: readonly {
    readonly operation: Operation;
    readonly inputs: readonly number[];
    readonly shape: Shape;
  }[];
  readonly outputs: ReadonlyMap<string, number>;
  readonly updates: ReadonlyMap<string, number>;
  readonly forUse?: true;
}

export function flatProgram(program: Program): FlatProgram {
  const order = tensorsOf(program);
  const places = new Map(order.map((tensor, place) => [tensor, place]));
  const placed = (named: ReadonlyMap<string, Tensor>) => mapped(named, (tensor) => places.get(tensor)!);
  return {
    tensors: order.map(({ operation, inputs, shape }) => ({
      ...{ operation, shape },
      inputs: inputs.map((input) => places.get(input)!),
    })),
    outputs: placed(program.outputs),
    updates: placed(program.updates),
    ...(program.forUse && { forUse: true }),
  };
}

/** The program that was made flat. */
export function programFromFlat({ tensors: flat, outputs, updates, forUse }: FlatProgram): Program {
  const tensors: Tensor[] = [];
  for (const [id, { operation, inputs, shape }] of flat.entries()) {
    tensors.push({ id, operation, inputs: inputs.map((place) => tensors[place]!), shape });
  }
  const named = (places: ReadonlyMap<string, number>) => mapped(places, (place) => tensors[place]!);
  return { outputs: named(outputs), updates: named(updates), ...(forUse && { forUse }) };
}

function mapped<A, B>(named: ReadonlyMap<string, A>, change: (value: A) => B): ReadonlyMap<string, B> {
  return new Map([...named].map(([name, value]) => [name, change(value)]));
}
