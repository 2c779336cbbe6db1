/** How much is under way, and the one sleeper who waits until less is. Knows not what. */
export class Pulse {
  #busy = 0;
  #wake: () => void = () => {};

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

  /** Resolves when something ends, or the sleeper is woken. */
  wait(): Promise<void> {
    return new Promise((wake) => {
      this.#wake = wake;
    });
  }
}
