/**
 * One engine's life on a disk in memory: every operation on files and database goes through it, may fail, and may be the
 * last. Knows operations, not who asks for them.
 */
import type { Clock } from "../../src/base/clock.js";
import type { Files } from "../../src/base/files.js";
import type { OpenEntries } from "../../src/store/entries.js";
import type { Dice } from "../helpers/dice.js";
import type { VirtualClock } from "./clock.js";
import { type Disk, trouble } from "./disk.js";
import { MemoryEntries, Tables } from "./entries.js";

/** What may happen to an engine's operations. */
export interface Risk {
  readonly dice: Dice;
  /** How likely each operation fails. */
  readonly faults: number;
  /** It dies at its n-th change of the disk: the process alone, or the whole machine. `torn`: in the midst of the change. */
  readonly death?:
    | { readonly change: number; readonly kind: "process" | "machine"; readonly torn: boolean }
    | undefined;
}

class Died extends Error {}

export class Life {
  readonly files: Files;
  readonly entries: OpenEntries;
  readonly clock: Clock;
  /** Resolves when it dies. */
  readonly death: Promise<void>;
  /** What was rejected, and heard by nobody. */
  readonly unheard: unknown[] = [];
  isDead = false;
  /** Changes of the disk so far. */
  changes = 0;
  readonly #risk: Risk;
  readonly #dice: Dice;
  #died = () => {};

  constructor(clock: VirtualClock, disk: Disk, risk: Risk) {
    this.#risk = risk;
    this.#dice = risk.dice.apart("faults");
    this.death = new Promise((resolve) => {
      this.#died = resolve;
    });
    this.clock = clock.during(() => this.isDead);
    this.files = disk.files({
      change: (_change, path, torn) => this.#change(path, torn),
      look: (path) => this.#look(path),
    });
    const commits = (when: "before" | "after"): void => {
      this.#change("store.db", () => {});
      if (when === "before" && this.#isFault(1)) throw trouble(this.#dice.pick(["SQLITE_FULL", "SQLITE_IOERR"]), "");
    };
    this.entries = (path, readonly) =>
      new MemoryEntries(
        disk.database(path, () => new Tables()),
        path,
        readonly,
        commits,
      );
  }

  end(): void {
    this.isDead = true;
    this.#died();
  }

  #change(path: string, torn: () => void): void {
    if (this.isDead) throw new Died();
    this.changes += 1;
    const { death } = this.#risk;
    if (this.changes === death?.change) {
      this.end();
      if (death.torn) torn();
      throw new Died();
    }
    if (path !== "store.db" && this.#isFault(1)) throw trouble(this.#dice.pick(["ENOSPC", "EIO", "EACCES"]), path);
  }

  #look(path: string): void {
    if (this.isDead) throw new Died();
    if (this.#isFault(0.1)) throw trouble("EIO", path);
  }

  #isFault(weight: number): boolean {
    const { faults } = this.#risk;
    return faults > 0 && this.#dice.chance(faults * weight);
  }
}
