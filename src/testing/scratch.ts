/** Folders for a test's own files. Knows no test runner. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders: string[] = [];

/** A new folder, removed when the process ends. */
export function scratch(): string {
  if (folders.length === 0) {
    process.on("exit", () => {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    });
  }
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "dag-scratch-"));
  folders.push(folder);
  return folder;
}
