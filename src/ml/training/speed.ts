/** How fast a training goes, and what its time goes into. It knows seconds and counts. */

/** Steps at the start that say nothing: programs are compiled and threads started. */
const WARM_UP = 2;
/** Steps after which a judgement is worth something. */
const ENOUGH = 20;

export class Speed {
  #steps = 0;
  #images = 0;
  #data = 0;
  #compute = 0;
  #warned = false;

  /** Another step: its images, the seconds that it waited for them, and those that it computed. */
  add(images: number, data: number, compute: number): void {
    this.#steps += 1;
    if (this.#steps <= WARM_UP) return;
    this.#images += images;
    this.#data += data;
    this.#compute += compute;
  }

  /** Images a second, milliseconds of a step by what they went into, and the seconds that `left` more steps will take. */
  figures(left: number): Readonly<Record<string, number>> {
    const counted = this.#steps - WARM_UP;
    if (counted <= 0) return {};
    const seconds = this.#data + this.#compute;
    return {
      images_per_s: this.#images / seconds,
      eta: (left * seconds) / counted,
      data_ms: (1000 * this.#data) / counted,
      step_ms: (1000 * this.#compute) / counted,
    };
  }

  /** A warning, once, where waiting for samples takes longer than learning from them. */
  warning(): string | undefined {
    const counted = this.#steps - WARM_UP;
    if (this.#warned || counted < ENOUGH || this.#data <= this.#compute) return undefined;
    this.#warned = true;
    const each = (seconds: number) => `${((1000 * seconds) / counted).toFixed(1)} ms`;
    return (
      `A step waits ${each(this.#data)} for its samples and computes ${each(this.#compute)}: decoding is slower than ` +
      'training. Raise dataset.worker_threads, use smaller images, or dataset.storage "on_device".'
    );
  }
}
