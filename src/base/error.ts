/**
 * What can go wrong, in three kinds: what a user did or the machine does not have (`UserError`), what a node type's or a program's own
 * code threw (`NodeError`), and everything else, which is a fault of our own. Knows no words of theirs.
 */
import { inspect } from "node:util";

/** How a command ends that does not end well: 1 items failed, 2 usage or graph, 3 environment, 4 a fault of our own. */
export type FailureCode = 1 | 2 | 3 | 4;

/** For the user: what is wrong, where, and what to do. Its stack is shown to nobody. */
export class UserError extends Error {
  override readonly name: string = "UserError";
  /** With which code a command ends by it. */
  readonly exit: FailureCode;
  /** Where: a file with its line and column, a node with its parameter. */
  readonly place: string | undefined;
  /** What to do. */
  readonly advice: string | undefined;

  constructor(
    message: string,
    exit: FailureCode = 1,
    more: { readonly place?: string; readonly advice?: string; readonly cause?: unknown } = {},
  ) {
    const { place, advice, cause } = more;
    super(`${place === undefined ? "" : `${place} `}${message}${advice === undefined ? "" : ` ${advice}`}`, { cause });
    this.exit = exit;
    this.place = place;
    this.advice = advice;
  }
}

/** What node code threw in `discover`, `generate`, `partition`, `cook` or a function that declares something. */
export class NodeError extends Error {
  override readonly name = "NodeError";
}

/** Calls node code: whatever it throws comes out as a NodeError, but for what its user did. */
export function callNode<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw nodeErrorOf(error);
  }
}

/** The same for what node code does in its own time. */
export async function awaitNode<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw nodeErrorOf(error);
  }
}

/** The same for what node code yields. */
export function* iterateNode<T>(work: () => Iterable<T> | undefined): Generator<T, void> {
  const made = callNode(() => work()?.[Symbol.iterator]());
  if (made === undefined) return;
  try {
    for (let next = callNode(() => made.next()); next.done !== true; next = callNode(() => made.next()))
      yield next.value;
  } finally {
    callNode(() => made.return?.());
  }
}

/** What node code threw, as such; what its user did stays that. */
export function nodeErrorOf(error: unknown): Error {
  if (error instanceof UserError || error instanceof NodeError) return error;
  return new NodeError(messageOfError(error), { cause: error });
}

/** The words of whatever was thrown: node code throws what it likes. */
export function messageOfError(error: unknown): string {
  return error instanceof Error ? error.message || error.name : inspect(error);
}

/**
 * The words of an error that is a user's, a node's or the system's (its `code` says so: EACCES). A fault of our own is thrown on: nobody
 * else may be blamed for it.
 */
export function problemIn(error: unknown): string {
  if (isProblem(error)) return messageOfError(error);
  throw error;
}

/** Whether an error is none of our own. */
export function isProblem(error: unknown): boolean {
  return error instanceof UserError || error instanceof NodeError || isOfSystem(error);
}

/** Of the file system, a socket or a process; what Node says of our own use of it (ERR_…) is ours. */
function isOfSystem(error: unknown): boolean {
  // Not by its class: errors of Node's own modules are of another realm's in a test or a vm context.
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^(E(?!RR_)[A-Z0-9]+|(UNKNOWN_)?SQLITE_\w+)$/.test(code);
}
