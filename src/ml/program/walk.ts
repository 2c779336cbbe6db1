/** Walks over a program's tensors. It knows nothing of what they compute. */
import type { Program, Tensor } from "./program.js";

/** The tensors that `roots` depend on, themselves included, each after its inputs. */
export function tensorsBefore(roots: Iterable<Tensor>): readonly Tensor[] {
  const found = new Set(roots);
  for (const tensor of found) for (const input of tensor.inputs) found.add(input);
  // A builder numbers a tensor after its inputs.
  return [...found].sort((a, b) => a.id - b.id);
}

/** Every tensor of a program, each after its inputs. */
export function tensorsOf(program: Program): readonly Tensor[] {
  return tensorsBefore([...program.outputs.values(), ...program.updates.values()]);
}
