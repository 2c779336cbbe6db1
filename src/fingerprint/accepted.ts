/**
 * Results that a user kept under changed code (`dag accept`): which may be, and what their manifests say of it for ever. Knows
 * manifests alone.
 */
import type { Digest } from "../base/hash.js";
import { ACCEPTED, fieldsOf, manifestParts } from "./fields.js";
import { changes } from "./reason.js";

/** Whether code and packages are all that is other. */
export function differsInCodeAlone(old: string, now: string): boolean {
  const fields = changes(old, now).map(({ field }) => field);
  return fields.length > 0 && fields.every((field) => field === "code" || field === "package");
}

/** The manifest `now` of a result that was kept from `old`; it tells also of what was accepted before. */
export function acceptedManifest(old: string, fingerprint: Digest, now: string, at: Date): string {
  const { code, accepted } = manifestParts(old);
  const all = [...accepted, { fingerprint, code, at: at.toISOString() }];
  return JSON.stringify([...fieldsOf(now), ...all.map((acceptance) => [ACCEPTED, acceptance])]);
}
