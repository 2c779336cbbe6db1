/** How fast a training goes, and what its time goes into. It knows seconds and counts. */

/** Steps at the start that say nothing: programs are compiled and threads started. */
const WARM_UP = 2;
/** Steps after which a judgement is worth something. */
const ENOUGH = 20;

/** What a training has taken, in all its attempts. */
export interface Timing {
  /** Of everything: steps, tests, saves. */
  readonly seconds: number;
  /** Of the steps alone, the wait for their samples among it. */
  readonly learning: number;
  readonly images: number;
}

export const NO_TIMING: Timing = { seconds: 0, learning: 0, images: 0 };

/** Sums over steps; seconds. */
interface Steps {
  readonly count: number;
  readonly images: number;
  readonly data: number;
  readonly compute: number;
}

const NO_STEPS: Steps = { count: 0, images: 0, data: 0, compute: 0 };

export class Speed {
  readonly #before: Timing;
  readonly #now: () => number;
  readonly #began: number;
  /** When the warm-up had ended. */
  #steadyFrom: number;
  /** Of this attempt; and those of them after the warm-up; and those since the last lap. */
  #all = NO_STEPS;
  #steady = NO_STEPS;
  #lap = NO_STEPS;
  #warned = false;

  /** `before`: what earlier attempts have taken; `now`: milliseconds. */
  constructor(before: Timing = NO_TIMING, now = () => performance.now()) {
    this.#before = before;
    this.#now = now;
    this.#began = now();
    this.#steadyFrom = this.#began;
  }

  /** Another step: its images, the seconds that it waited for them, and those that it computed. */
  add(images: number, data: number, compute: number): void {
    const added = (steps: Steps): Steps => ({
      count: steps.count + 1,
      images: steps.images + images,
      data: steps.data + data,
      compute: steps.compute + compute,
    });
    this.#all = added(this.#all);
    this.#lap = added(this.#lap);
    if (this.#all.count > WARM_UP) this.#steady = added(this.#steady);
    else this.#steadyFrom = this.#now();
  }

  get timing(): Timing {
    const { seconds, learning, images } = this.#before;
    return {
      seconds: seconds + (this.#now() - this.#began) / 1000,
      learning: learning + this.#all.data + this.#all.compute,
      images: images + this.#all.images,
    };
  }

  /**
   * Images a second and milliseconds of a step by what they went into; and the seconds that `left` more steps will take, with
   * all that comes between them.
   */
  figures(left: number): Readonly<Record<string, number>> {
    const { count, images, data, compute } = this.#steady;
    if (count === 0) return {};
    const eta = (left * (this.#now() - this.#steadyFrom)) / 1000 / count;
    return { images_per_s: images / (data + compute), eta, ...inMilliseconds(this.#steady) };
  }

  /** Milliseconds of a step, on average since the last lap, which ends here. */
  lap(): { readonly data_ms: number; readonly step_ms: number } {
    const lap = inMilliseconds(this.#lap);
    this.#lap = NO_STEPS;
    return lap;
  }

  /** A warning, once, where waiting for samples takes longer than learning from them. */
  warning(): string | undefined {
    const { count, data, compute } = this.#steady;
    if (this.#warned || count < ENOUGH || data <= compute) return undefined;
    this.#warned = true;
    const { data_ms, step_ms } = inMilliseconds(this.#steady);
    return (
      `A step waits ${data_ms.toFixed(1)} ms for its samples and computes ${step_ms.toFixed(1)} ms: decoding is slower ` +
      'than training. Raise dataset.worker_threads, use smaller images, or dataset.storage "on_device".'
    );
  }
}

function inMilliseconds({ count, data, compute }: Steps) {
  return { data_ms: (1000 * data) / count, step_ms: (1000 * compute) / count };
}
