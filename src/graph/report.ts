/** Collects diagnostics while a graph is checked. Knows places, not what is checked. */
import type { Diagnostic, Place } from "../base/diagnostic.js";
import { nearest } from "../base/suggest.js";
import { placeOf, type Span } from "./located.js";

/** Where diagnostics go. */
export class Report {
  readonly diagnostics: Diagnostic[] = [];

  error(at: Span | Place, message: string, suggestion?: string): void {
    this.#add("error", at, message, suggestion);
  }

  warn(at: Span | Place, message: string, suggestion?: string): void {
    this.#add("warning", at, message, suggestion);
  }

  /** An error about a name that is none of `valid`; the nearest of them is suggested. */
  unknown(at: Span, message: string, name: string, valid: Iterable<string>): void {
    this.error(at, message, nearest(name, valid));
  }

  get failed(): boolean {
    return this.diagnostics.some((each) => each.severity === "error");
  }

  #add(severity: Diagnostic["severity"], at: Span | Place, message: string, suggestion: string | undefined): void {
    const place = "line" in at ? at : placeOf(at);
    this.diagnostics.push({ severity, message, place, ...(suggestion !== undefined && { suggestion }) });
  }
}
