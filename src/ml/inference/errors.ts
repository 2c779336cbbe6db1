/** What onnxruntime says when a model cannot be loaded or run, in our words: no codes, no places in its source, no paths. */

const KNOWN: readonly (readonly [RegExp, (found: RegExpExecArray) => string])[] = [
  [/running (\w+) node/, ([, operator]) => `it fails at its operator "${operator}"`],
  [
    /No Op registered for (\w+)/i,
    ([, operator]) => `it has the operator "${operator}", which onnxruntime does not know`,
  ],
  [
    /(?:Could not find an implementation for|No opset import for domain:?) ?(\w*)/,
    ([, what]) => `"${what || "an operator"}" is not in this onnxruntime`,
  ],
  [
    /(\w+)(?:\(-?\d+\))? is not a registered function\/op/,
    ([, operator]) => `it has the operator "${operator}", which onnxruntime does not know`,
  ],
  [
    /opset (\d+) is under development|ONNX Runtime only \*guarantees\* support/i,
    () => "its ONNX version is newer than this onnxruntime",
  ],
  [/Unsupported model IR version: (\d+)/i, ([, version]) => `its IR version ${version} is newer than this onnxruntime`],
  [/Got invalid dimensions for input: (\S+)/, ([, input]) => `the size does not fit its input "${input}"`],
  [/failed to allocate memory|bad_alloc/i, () => "the memory does not suffice"],
];

/** The reason in a message of onnxruntime. */
export function reasonOf(message: string): string {
  for (const [pattern, words] of KNOWN) {
    const found = pattern.exec(message);
    if (found !== null) return words(found);
  }
  const plain = message
    .replace(/\[ONNXRuntimeError\] : \d+ : \w+ : /g, "")
    .replace(/(?:[A-Za-z]:)?[\\/][^\s:"']*[\\/][^\s:"']*(?::\d+)?/g, "")
    .replace(/\s+/g, " ")
    .trim();
  return plain.length > 200 ? `${plain.slice(0, 200)}…` : plain.replace(/\.$/, "");
}
