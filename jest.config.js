/** jest runs the compiled tests; nothing is transformed. */
export default {
  testEnvironment: "node",
  roots: ["<rootDir>/dist/test"],
  testMatch: ["**/*.test.js"],
  transform: {},
  testSequencer: "<rootDir>/.build/sequencer.js",
  testTimeout: 60_000,
  // Most tests wait for processes that they start: one process of tests leaves cores idle.
  maxWorkers: "100%",
};
