/**
 * The room that a cook needs on disks: refused before anything runs where too little is free, and while it runs nothing is
 * started as long as a disk is low. Knows paths and sizes, not what is cooked.
 */
import type { Clock } from "../base/clock.js";
import { UserError } from "../base/error.js";
import { formatBytes } from "../base/size.js";
import type { SpaceOf } from "../base/space.js";
import type { EventSink } from "../event/event.js";

/** What a disk always keeps free: a hundredth of it, up to 256 MB. */
const PART = 0.01;
const MOST = 256e6;
/** Milliseconds between two looks. */
const EVERY = 500;

/** The message is for the user. */
export class NoSpaceError extends UserError {
  override readonly name = "NoRoomError";

  constructor(message: string) {
    super(message, 3);
  }
}

/** What is expected to be written below a folder. */
export interface Need {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes of files that it takes the place of: asked for only where room is scarce. */
  replaces?(): number;
}

export interface FreeSpaceDeps {
  readonly clock: Pick<Clock, "after">;
  readonly space: SpaceOf;
  readonly sink: EventSink;
  /** Holds back what is to be started, or lets it go on. */
  readonly pause: (paused: boolean) => void;
}

export class FreeSpace {
  readonly #deps: FreeSpaceDeps;
  /** A path on each volume that is written to. */
  #paths: readonly string[] = [];
  /** The path whose disk is low. */
  #low: string | undefined;
  #stopTimer: () => void = () => {};

  constructor(deps: FreeSpaceDeps) {
    this.#deps = deps;
  }

  /** Throws a NoRoomError where what is needed does not fit. From then on the disks of the paths are watched. */
  begin(needs: readonly Need[]): void {
    const volumes = new Map<string, Need[]>();
    for (const need of needs) {
      const { volume } = this.#deps.space(need.path);
      volumes.set(volume, [...(volumes.get(volume) ?? []), need]);
    }
    const rejections = [...volumes.values()].flatMap((group) => this.#rejection(group) ?? []);
    if (rejections.length > 0) throw new NoSpaceError(rejections.join("\n"));
    this.#paths = [...volumes.values()].flatMap(([first]) => first?.path ?? []);
    this.#look();
  }

  /** Nothing is watched any more. */
  end(): void {
    this.#stopTimer();
    if (this.#low !== undefined) this.#deps.pause(false);
    this.#low = undefined;
  }

  /** Why the needs of one volume cannot be met. */
  #rejection(group: readonly Need[]): string | undefined {
    const paths = group.filter(({ size }) => size > 0).map(({ path }) => path);
    const [path] = paths;
    if (path === undefined) return undefined;
    const space = this.#deps.space(path);
    const reserve = reserveOf(space.size);
    const sum = (of: (need: Need) => number): number => group.reduce((all, need) => all + of(need), 0);
    const most = sum(({ size }) => size);
    if (most + reserve <= space.free) return undefined;
    const needed = most - sum((need) => Math.min(need.size, need.replaces?.() ?? 0));
    const missing = needed + reserve - space.free;
    if (needed === 0 || missing <= 0) return undefined;
    return (
      `There is too little room on the disk of ${paths.join(" and ")}: as past cooks went, up to ${formatBytes(needed)} are ` +
      `needed, and ${formatBytes(reserve)} are kept free; ${formatBytes(space.free)} are free. Free ${formatBytes(missing)} (dag cache gc ` +
      "removes what nothing refers to), choose another folder, or cook all the same with --no-disk-check."
    );
  }

  /** A disk is low where less than half of the reserve is free, until all of it is again. */
  #look(): void {
    const { clock, space, sink, pause } = this.#deps;
    const spaces = this.#paths.map((path) => ({ path, ...space(path) }));
    if (this.#low === undefined) {
      const low = spaces.find(({ free, size }) => free < reserveOf(size) / 2);
      if (low !== undefined) {
        this.#low = low.path;
        pause(true);
        sink({ type: "disk_low", path: low.path, free: low.free, wanted: reserveOf(low.size) });
      }
    } else if (spaces.every(({ free, size }) => free >= reserveOf(size))) {
      const path = this.#low;
      this.#low = undefined;
      sink({ type: "disk_room", path, free: space(path).free });
      pause(false);
    }
    this.#stopTimer = clock.after(EVERY, () => this.#look());
  }
}

function reserveOf(size: number): number {
  return Math.min(MOST, Math.floor(size * PART));
}
