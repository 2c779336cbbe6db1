/** The files that are put together: those of all members, in order. Knows no formats. */
import { type InputFile, type InputMember, tagMatches } from "dag-cook";

/** Files of the members with a tag or one below it. Throws where there is none. */
export function filesTagged(members: readonly InputMember[], tag: string): readonly InputFile[] {
  const all = members.flatMap(({ files }) => files);
  const found = all.filter((file) => tagMatches(file.tag, tag));
  if (found.length > 0) return found;
  const tags = [...new Set(all.map((file) => file.tag))].join(", ");
  throw new Error(`No file is tagged "${tag}": ${tags === "" ? "there are none at all" : `they are tagged ${tags}`}.`);
}
