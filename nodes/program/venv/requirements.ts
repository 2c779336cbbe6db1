/** Requirements of a Python environment as files hold them. Installs nothing. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";

/** The requirements in a file. Rejects where a line is an option, which could name other files or hosts. */
export async function requirementsIn(path: string): Promise<readonly string[]> {
  const lines = (await readFile(path, "utf8")).split(/\r?\n/).map((line) => line.replace(/(^|\s)#.*$/, "").trim());
  const odd = lines.findIndex((line) => line !== "" && !/^[A-Za-z0-9]/.test(line));
  if (odd >= 0) throw new Error(`Line ${odd + 1} of the requirements is no requirement: "${lines[odd]}".`);
  return lines.filter((line) => line !== "");
}

export async function digestOfFile(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
