/** How much is under way, and the one sleeper who waits until less is. Knows not what. */
export class Activity {
  #busy = 0;
  #wake: () => void = () => {};
  #fault: { readonly error: unknown } | undefined;

  get busy(): boolean {
    return this.#busy > 0;
  }

  /** Something is under way: a discovery, an attempt, a retry that waits. */
  begin(): void {
    this.#busy += 1;
  }

  /** It is over. */
  end(): void {
    this.#busy -= 1;
    this.#wake();
  }

  wake(): void {
    this.#wake();
  }

  /** What came from nowhere that anybody waits for is a fault of our own: the sleeper throws it. */
  fail(error: unknown): void {
    this.#fault ??= { error };
    this.#wake();
  }

  /** Throws what came. */
  check(): void {
    if (this.#fault !== undefined) throw this.#fault.error;
  }

  /** Resolves when something ends, or the sleeper is woken. */
  async wait(): Promise<void> {
    this.check();
    await new Promise<void>((wake) => {
      this.#wake = wake;
    });
    this.check();
  }
}
