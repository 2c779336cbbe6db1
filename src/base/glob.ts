/**
 * Globs, which may come with a graph from strangers: matched in time that grows with pattern times name, where a regular
 * expression would try every way (`*a*a*a*b`). Knows names as texts, no files.
 *
 * `*` is any characters but `/`, `**` between slashes any folders, `?` one character, `[a-z]` and `[!a-z]` one of or none of
 * these, `{a,b}` either, `{1..12}` a number; `\` takes the next character as it is. What begins with a dot is met by a dot alone.
 */

import { type Braced, bracedIn, SET } from "./braces.js";
import { UserError } from "./error.js";

/** From which places in a name a part of a pattern may begin, to those where it may then end. */
type Part = (name: Name, from: Places) => Places;

interface Name {
  readonly text: string;
  /** Whether a wildcard meets a dot at the beginning of a file's or folder's name. */
  readonly dot: boolean;
}

/** For each place in a name, from 0 to its length: 1 where it is reached. */
type Places = Uint8Array;

/** A pattern that is longer is none. */
const LONGEST = 4096;
/** Numbers in braces. */
const MOST_NUMBERS = 10_000;

/** Tells whether a name fits a pattern as a whole. `dot`: hidden names, too. Throws with a message for the user. */
export function globMatcher(pattern: string, { dot = false } = {}): (name: string) => boolean {
  if (pattern.length > LONGEST) throw new UserError(`A pattern of ${pattern.length} characters is above ${LONGEST}.`);
  if (/^!|[!+@]\(/.test(pattern))
    throw new UserError(
      `The pattern "${pattern}" has ! or ( with a meaning that is not known here; \\ takes it as it is.`,
    );
  const part = new Parser(pattern).whole();
  return (text) => {
    const from = new Uint8Array(text.length + 1);
    from[0] = 1;
    return part({ text, dot }, from)[text.length] === 1;
  };
}

/** Reads a pattern from left to right. */
class Parser {
  readonly #pattern: string;
  readonly #braced: Braced;
  #at = 0;
  #numbers = 0;

  constructor(pattern: string) {
    this.#pattern = pattern.replace(/^(\.\/)+/, "");
    this.#braced = bracedIn(this.#pattern);
  }

  whole(): Part {
    return this.#sequence();
  }

  /** Parts until an alternative's end, or the pattern's. */
  #sequence(): Part {
    const parts: Part[] = [];
    let text = "";
    const flush = (): void => {
      if (text !== "") parts.push(literal(text));
      text = "";
    };
    while (this.#at < this.#pattern.length && !this.#braced.ends.has(this.#at)) {
      const part = this.#wildcard();
      if (typeof part === "string") text += part;
      else {
        flush();
        parts.push(part);
      }
    }
    flush();
    return (name, from) => parts.reduce((places, part) => part(name, places), from);
  }

  /** The next part, or a character that stands for itself. */
  #wildcard(): Part | string {
    const pattern = this.#pattern;
    const character = pattern[this.#at++]!;
    if (character === "\\") return pattern[this.#at++] ?? "\\";
    if (character === "?") return one(() => true);
    if (character === "[") return this.#set() ?? character;
    if (character === "{") return this.#braces() ?? character;
    if (character === "*") return this.#stars();
    if (character === "/" && /^\*\*+(\/|$)/.test(pattern.slice(this.#at))) return this.#folders();
    return character;
  }

  #stars(): Part {
    const begin = this.#at - 1;
    while (this.#pattern[this.#at] === "*") this.#at += 1;
    const isWhole = this.#at - begin >= 2 && (begin === 0 || this.#pattern[begin - 1] === "/");
    if (isWhole && this.#at === this.#pattern.length) return anything;
    if (!isWhole || this.#pattern[this.#at] !== "/") return characters;
    this.#at += 1;
    return either([(_, from) => from, inSequence(anything, literal("/"))]);
  }

  /** `/**` in the middle or at the end; the slash before it has been read. */
  #folders(): Part {
    while (this.#pattern[this.#at] === "*") this.#at += 1;
    const rest = inSequence(literal("/"), anything);
    if (this.#at === this.#pattern.length) return rest;
    this.#at += 1;
    return either([literal("/"), inSequence(rest, literal("/"))]);
  }

  #set(): Part | undefined {
    const found = SET.exec(this.#pattern.slice(this.#at));
    if (found === null) return undefined;
    this.#at += found[0].length;
    const ranges = [...found[2]!.matchAll(/\\?(.)(?:-\\?(.))?/gsu)].map(
      ([, low, high]) => [low!, high ?? low!] as const,
    );
    const isNot = found[1] !== undefined;
    return one((character) => ranges.some(([low, high]) => low <= character && character <= high) !== isNot);
  }

  /** Undefined, with nothing read, where the braces stand for themselves: `{a}`, or no end. */
  #braces(): Part | undefined {
    const begin = this.#at;
    const numbers = /^(-?\d{1,15})\.\.(-?\d{1,15})\}/.exec(this.#pattern.slice(begin));
    if (numbers !== null) {
      this.#at += numbers[0].length;
      const texts = numbersBetween(numbers[1]!, numbers[2]!);
      this.#numbers += texts.length;
      if (this.#numbers > MOST_NUMBERS)
        throw new UserError(`A pattern's braces are more than ${MOST_NUMBERS} numbers.`);
      return either(texts.map(literal));
    }
    if (!this.#braced.begins.has(begin - 1)) return undefined;
    const parts: Part[] = [];
    do parts.push(this.#sequence());
    while (this.#pattern[this.#at++] === ",");
    return either(parts);
  }
}

function literal(text: string): Part {
  return (name, from) => {
    const to = new Uint8Array(from.length);
    for (let at = 0; at + text.length < from.length; at++)
      if (from[at] === 1 && name.text.startsWith(text, at)) to[at + text.length] = 1;
    return to;
  };
}

function one(fits: (character: string) => boolean): Part {
  return (name, from) => {
    const to = new Uint8Array(from.length);
    for (let at = 0; at + 1 < from.length; at++) {
      if (from[at] === 1 && isMet(name, at) && name.text[at] !== "/" && fits(name.text[at]!)) to[at + 1] = 1;
    }
    return to;
  };
}

/** Any characters of one file's or folder's name. */
const characters: Part = (name, from) => run(name, from, false);

/** Any characters of any folders. */
const anything: Part = (name, from) => run(name, from, true);

function run(name: Name, from: Places, slashes: boolean): Places {
  const to = from.slice();
  for (let at = 0; at + 1 < to.length; at++) {
    if (to[at] === 0) continue;
    // Not even nothing is taken before a dot that it may not meet.
    if (!isMet(name, at)) to[at] = 0;
    else if (slashes || name.text[at] !== "/") to[at + 1] = 1;
  }
  return to;
}

/** Whether a wildcard may take the character there. */
function isMet({ text, dot }: Name, at: number): boolean {
  return dot || text[at] !== "." || (at > 0 && text[at - 1] !== "/");
}

function inSequence(...parts: readonly Part[]): Part {
  return (name, from) => parts.reduce((places, part) => part(name, places), from);
}

function either(parts: readonly Part[]): Part {
  return (name, from) => {
    const to = new Uint8Array(from.length);
    for (const part of parts) for (const [at, reached] of part(name, from).entries()) if (reached === 1) to[at] = 1;
    return to;
  };
}

/** The numbers between two, as wide as the wider one where either begins with a zero. */
function numbersBetween(first: string, last: string): readonly string[] {
  const [low, high] = [Number(first), Number(last)].sort((a, b) => a - b) as [number, number];
  if (high - low >= MOST_NUMBERS) throw new UserError(`{${first}..${last}} is more than ${MOST_NUMBERS} numbers.`);
  const width = /^-?0\d/.test(first) || /^-?0\d/.test(last) ? Math.max(first.length, last.length) : 0;
  return Array.from({ length: high - low + 1 }, (_, index) => String(low + index).padStart(width, "0"));
}
