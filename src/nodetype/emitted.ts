/**
 * Folders of emitted code: written whole or not at all, with links to the packages that the code imports. Knows files; neither
 * how code is found nor how a folder gets its name.
 */

import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { problemIn } from "../base/error.js";
import { makeFolders, writeAtomic } from "../base/files.js";
import { NodeFileError, SOURCES_FILE } from "./fault.js";

/** A file of emitted code. */
export interface EmittedFile {
  /** Its source. */
  readonly file: string;
  /** Where it lies in the folder. */
  readonly path: string;
  /** Its JavaScript; undefined where the source is copied as it is. */
  readonly text: string | undefined;
}

/** A folder for emitted code, made where it is absent; a temporary one in the place of one that cannot be written. */
export function codeFolder(asked: string): string {
  return made(asked) ?? temporaryCodeFolder();
}

/** Sees to it that a folder holds the files, and that bare imports find the packages' folders. */
export function putCode(folder: string, files: readonly EmittedFile[], packages: ReadonlyMap<string, string>): void {
  // What is in use is no garbage.
  if (existsSync(folder)) utimesSync(folder, new Date(), new Date());
  else publish(folder, files);
  link(folder, packages);
  tellSources(folder, files);
}

/** Writes the folder beside, then names it: a folder that is there is whole. */
function publish(folder: string, files: readonly EmittedFile[]): void {
  const draft = mkdtempSync(join(dirname(folder), "draft-"));
  try {
    writeFileSync(join(draft, "package.json"), '{ "type": "module" }\n');
    for (const { file, path, text } of files) {
      mkdirSync(dirname(join(draft, path)), { recursive: true });
      if (text === undefined) copyFileSync(file, join(draft, path));
      else writeFileSync(join(draft, path), text);
    }
    mkdirSync(join(draft, "node_modules"));
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another process was first.
    if (!existsSync(folder)) throw new NodeFileError(`${folder} cannot be written: ${problemIn(error)}`);
  }
}

/** Says what each file was made from, for messages: the place of the sources is not in the folder's name. */
function tellSources(folder: string, files: readonly EmittedFile[]): void {
  const text = JSON.stringify(Object.fromEntries(files.map(({ path, file }) => [path, file])));
  const sourcesFile = join(folder, SOURCES_FILE);
  if (!existsSync(sourcesFile) || readFileSync(sourcesFile, "utf8") !== text) writeAtomic(sourcesFile, text);
}

/** Bare imports find what they would find from the sources. */
function link(folder: string, packages: ReadonlyMap<string, string>): void {
  for (const [name, target] of packages) {
    const path = join(folder, "node_modules", name);
    if (linkedTo(path) === target) continue;
    mkdirSync(dirname(path), { recursive: true });
    const draft = `${path}.${process.pid}`;
    rmSync(draft, { force: true });
    symlinkSync(target, draft, "junction");
    renameSync(draft, path);
  }
}

function linkedTo(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function made(folder: string): string | undefined {
  try {
    makeFolders(join(folder, "stripped"));
    accessSync(folder, constants.W_OK);
    return realpathSync(folder);
  } catch {
    return undefined;
  }
}

/** A folder for emitted code that lasts as long as this process. */
export function temporaryCodeFolder(): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "dag-code-"));
  mkdirSync(join(folder, "stripped"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
