/** What does not hold, in words. */
export class Broken extends Error {}
