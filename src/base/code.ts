/** Codes of errors. A module of its own: the command line needs no more of files before it knows what it is to do. */

/** The code (`ENOENT`) of an error of the file system or the database, if it has one. */
export function codeOf(error: unknown): string | undefined {
  // Not by its class: errors of Node's own modules are of another realm's in a test or a vm context.
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}
