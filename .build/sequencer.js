/** The order of jest's suites: the longest first, so that no core waits for the last of them. Knows names alone. */
import Sequencer from "@jest/test-sequencer";

/** Those of more than half a minute. Where nothing ran before, jest itself goes by the size of files. */
const LONG = [
  "fuzz/fuzz",
  "simulation/kill",
  "nodes/ml_train_style_transfer",
  "simulation/mutants",
  "ml/training/resume",
  "nodes/program/programs",
  "cli/tell",
  "graphs/examples",
  "ml/training/train",
];

export default class extends Sequencer {
  sort(suites) {
    const rank = ({ path }) => LONG.findIndex((name) => path.endsWith(`/test/${name}.test.js`));
    const long = suites.filter((suite) => rank(suite) !== -1).sort((a, b) => rank(a) - rank(b));
    return [...long, ...super.sort(suites.filter((suite) => rank(suite) === -1))];
  }
}
