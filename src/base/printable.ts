/** Text of strangers as a terminal may show it. Knows no terminal. */

/** All control characters but tab and line feed; marks that turn the direction of what follows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** The text with what would move or colour a terminal, or hide, spelled as `\u001b`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** As `printable`, in one line and of the same length: a blank for a tab, `�` for the rest. */
export function printableLine(line: string): string {
  return line.replaceAll(/[\t\n]/g, " ").replace(UNPRINTABLE, "\ufffd");
}
