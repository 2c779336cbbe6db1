/** What goes wrong in runtimes, in words. Knows none of them. */

/** A runtime that cannot be had here, or a model that it does not take; the message says what helps. */
export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
  /** The reason alone, where the message also says what was tried. */
  readonly reason: string;

  constructor(message: string, options?: ErrorOptions & { readonly reason?: string }) {
    super(message, options);
    this.reason = options?.reason ?? message;
  }
}

/** onnxruntime's, WebGPU's, TensorFlow's, WebAssembly's and JavaScript's own words for it. */
const OUT_OF_MEMORY =
  /failed to allocate memory|bad_alloc|bad allocation|out of memory|OOM when allocating|array buffer allocation failed|memory access out of bounds|cannot enlarge memory/i;

/** Whether something failed for want of memory. */
export function isOutOfMemory(error: unknown): boolean {
  const { cause } = Object(error) as { cause?: unknown };
  return OUT_OF_MEMORY.test(messageOf(error)) || (cause !== undefined && isOutOfMemory(cause));
}

/** What an error says. Errors of native code can be of another realm, and no `Error` of this one. */
export function messageOf(error: unknown): string {
  const { message } = Object(error) as { message?: unknown };
  return typeof message === "string" ? message : String(error);
}
