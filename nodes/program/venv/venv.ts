/**
 * Python's virtual environments: made once for the same Python and requirements, and kept in the user's cache folder,
 * since they hold absolute paths and so cannot be outputs. Knows no graph; what names one is a digest.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { InputMember } from "dag-cook";
import { tagMatches } from "dag-cook";
import { answerOf, runProgram } from "../run/run.js";

export const ENVIRONMENT_TAG = "file/python/environment";

/** What an environment is made of. */
export interface VenvSpec {
  /** The program that makes it. */
  readonly python: string;
  /** Its version, and the platform. */
  readonly version: string;
  readonly requirements: readonly string[];
  /** Digests of packages that lie in files. */
  readonly packages: readonly string[];
  readonly system_site_packages: boolean;
}

interface Making {
  /** Absolute paths of the packages that lie in files. */
  readonly files: readonly string[];
  readonly signal: AbortSignal;
  log(line: string): void;
}

/** The version of a Python and the platform, as they decide an environment. Rejects where it is not there. */
export async function pythonVersion(python: string): Promise<string> {
  const version = await answerOf(python, ["--version"]);
  if (version === undefined) throw new Error(`The program "${python}" was not found on the PATH, or does not run.`);
  return `${version} ${process.platform} ${process.arch}`;
}

/** Makes the environment where it is not there yet. Rejects with a message for the user. */
export async function ensureVenv(spec: VenvSpec, making: Making): Promise<void> {
  const folder = folderOf(spec);
  if ((await interpreterIn(folder)) !== undefined) return;
  await mkdir(folder, { recursive: true });
  // A folder of its own for each maker; the first to finish names its own. An environment cannot be moved.
  const own = await mkdtemp(join(folder, "venv-"));
  try {
    await fill(own, spec, making);
    const pointer = join(own, "current");
    await writeFile(pointer, own);
    await rename(pointer, join(folder, "current"));
  } catch (error) {
    await rm(own, { recursive: true, force: true });
    throw error;
  }
}

async function fill(own: string, spec: VenvSpec, { files, signal, log }: Making): Promise<void> {
  const wanted = [...spec.requirements, ...files];
  const options = [
    ...(wanted.length === 0 ? ["--without-pip"] : []),
    ...(spec.system_site_packages ? ["--system-site-packages"] : []),
  ];
  // pip is told by the environment where packages are, and by which way.
  const shared = { directory: own, environment: process.env, stdout: "log", signal, log } as const;
  const made = await runProgram({ ...shared, program: spec.python, args: ["-m", "venv", ...options, own] });
  if (made.exitCode !== 0) throw new Error(`"${spec.python} -m venv" ended with exit code ${made.exitCode}.`);
  if (wanted.length === 0) return;
  const args = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--", ...wanted];
  const installed = await runProgram({ ...shared, program: pythonIn(own), args });
  if (installed.exitCode !== 0)
    throw new Error(`pip could not install ${spec.requirements.join(", ") || "the packages"}.`);
}

function pythonIn(venv: string): string {
  return process.platform === "win32" ? join(venv, "Scripts", "python.exe") : join(venv, "bin", "python");
}

/** `DAG_VENVS`, or `dag/venvs` in the user's cache folder; below it, what decides the environment names the folder. */
function folderOf(spec: VenvSpec): string {
  const { DAG_VENVS, XDG_CACHE_HOME } = process.env;
  const root = DAG_VENVS ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "dag", "venvs");
  const { python: _, ...decides } = spec;
  return join(root, createHash("sha256").update(JSON.stringify(decides)).digest("hex").slice(0, 32));
}

/** The interpreter of the environment that an item of `python_venv` names. Rejects where it is no longer there. */
export async function interpreterOf(member: InputMember): Promise<string> {
  const file = member.files.find(({ tag }) => tagMatches(tag, ENVIRONMENT_TAG));
  if (file === undefined) throw new Error(`The item "${member.name}" has no Python environment (${ENVIRONMENT_TAG}).`);
  const spec = JSON.parse(await readFile(file.path, "utf8")) as VenvSpec;
  const interpreter = await interpreterIn(folderOf(spec));
  if (interpreter !== undefined) return interpreter;
  throw new Error(`The Python environment of "${member.name}" is no longer there; cook its node again with --force.`);
}

/** The interpreter of the environment that is current; undefined where there is none, or its Python is gone. */
async function interpreterIn(folder: string): Promise<string | undefined> {
  const venv = await readFile(join(folder, "current"), "utf8").catch(() => undefined);
  const interpreter = venv === undefined ? undefined : pythonIn(venv.trim());
  return interpreter !== undefined && existsSync(interpreter) ? interpreter : undefined;
}
