/**
 * What is known of this machine's devices from earlier trials: remembered per driver and version in a file of the user's
 * cache folder, so that a training does not try them again. It knows nothing of how a device is tried.
 */
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { release } from "node:os";
import { dirname, join } from "node:path";
import { writeAtomic } from "../../../base/files.js";
import { digestOf } from "../../../base/hash.js";
import { cacheFolder, hasDeviceFiles } from "../../../base/system.js";

/** How a trial ended: null where the device may be used, else why not. */
export type TrialResult = string | null;

export interface TrialResults {
  get(key: string): TrialResult | undefined;
  set(key: string, verdict: TrialResult): void;
}

/** More is forgotten, the oldest first. */
const MOST = 200;

/** The verdicts in a file. What cannot be read is as if nothing were known; what cannot be written is not remembered. */
export function trialResultsIn(path: string): TrialResults {
  const read = (): Record<string, TrialResult> => {
    try {
      const found: unknown = JSON.parse(readFileSync(path, "utf8"));
      return typeof found === "object" && found !== null ? { ...found } : {};
    } catch {
      return {};
    }
  };
  return {
    get: (key) => read()[key],
    set(key, verdict) {
      const { [key]: _, ...others } = read();
      const kept = Object.entries(others).slice(1 - MOST);
      try {
        mkdirSync(dirname(path), { recursive: true });
        writeAtomic(path, `${JSON.stringify({ ...Object.fromEntries(kept), [key]: verdict }, null, 2)}\n`);
      } catch {
        // Tried again the next time.
      }
    },
  };
}

/** The file of this user's verdicts, in the folder that the platform keeps for such. */
export function userTrialResults(): TrialResults {
  return trialResultsIn(join(cacheFolder(), "dag-cook", "devices.json"));
}

/** Where Linux keeps what tells of graphics cards and their drivers. */
const DRIVERS = ["/dev", "/dev/dri", "/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"] as const;
const CARD = /^(nvidia\d+|renderD\d+|dxg)$/;
const OVERRIDES = ["VK_ICD_FILENAMES", "VK_DRIVER_FILES", "LD_LIBRARY_PATH"] as const;

/**
 * Whether there may be a graphics card to use unasked: on Linux its device file tells, elsewhere it is taken for granted.
 * NVIDIA's are for those that the engine granted one.
 */
export function mayHaveCard(granted: boolean): boolean {
  if (!hasDeviceFiles()) return true;
  const cards = ["/dev", "/dev/dri"].flatMap((folder) => listed(folder).filter(isCard));
  return cards.length > 0 && (granted || !cards.some((name) => name.startsWith("nvidia")));
}

function isCard(name: string): boolean {
  return CARD.test(name);
}

/** How many NVIDIA cards this process may use: those that the engine granted it, which it shows to it alone. */
export function grantedCards(): number {
  const visible = process.env.CUDA_VISIBLE_DEVICES;
  if (visible !== undefined) return visible.split(",").filter((name) => /^\s*[^-\s]/.test(name)).length;
  return listed("/dev").filter((name) => /^nvidia\d+$/.test(name)).length;
}

/** Cards, drivers and their versions as one digest: another one means that devices are to be tried again. */
export function driversDigest(): string {
  const files = DRIVERS.flatMap((folder) => {
    const names = listed(folder).filter((name) => folder.endsWith("icd.d") || isCard(name));
    return names.map((name) => (folder.endsWith("icd.d") ? `${name} ${stampOf(join(folder, name))}` : name));
  });
  const nvidia = text("/proc/driver/nvidia/version");
  const overrides = OVERRIDES.map((name) => process.env[name] ?? "");
  // The engine hides the cards from those to whom it granted none.
  const hidden = process.env.CUDA_VISIBLE_DEVICES === "-1";
  return digestOf(JSON.stringify([process.platform, process.arch, release(), files.sort(), nvidia, overrides, hidden]));
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function stampOf(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
