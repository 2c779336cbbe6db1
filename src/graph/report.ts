/** Collects diagnostics while a graph is checked. Knows places, not what is checked. */
import type { Diagnostic, Place } from "../base/diagnostic.js";
import { nearest } from "../base/suggest.js";
import { placeOf, type Span } from "./located.js";

/** The search for a name compares it with all there are: nobody reads as many suggestions. */
const MOST_SUGGESTIONS = 200;
/** A name may be as long as the file, and a cycle go through all nodes. */
const LONGEST_MESSAGE = 4000;

/** Where diagnostics go. */
export class Report {
  readonly diagnostics: Diagnostic[] = [];
  #suggestions = 0;

  error(at: Span | Place, message: string, suggestion?: string): void {
    this.#add("error", at, message, suggestion);
  }

  warn(at: Span | Place, message: string, suggestion?: string): void {
    this.#add("warning", at, message, suggestion);
  }

  /** Says what may do better. */
  hint(at: Span | Place, message: string): void {
    this.#add("hint", at, message, undefined);
  }

  /** An error about a name that is none of `valid`; the nearest of them is suggested. */
  unknown(at: Span, message: string, name: string, valid: Iterable<string>): void {
    this.#suggestions += 1;
    this.error(at, message, this.#suggestions > MOST_SUGGESTIONS ? undefined : nearest(name, valid));
  }

  get failed(): boolean {
    return this.diagnostics.some((each) => each.severity === "error");
  }

  #add(severity: Diagnostic["severity"], at: Span | Place, message: string, suggestion: string | undefined): void {
    const place = "line" in at ? at : placeOf(at);
    const shown = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)} …` : message;
    this.diagnostics.push({ severity, message: shown, place, ...(suggestion !== undefined && { suggestion }) });
  }
}
