/** jest runs the compiled tests; nothing is transformed. */
export default {
  testEnvironment: "node",
  roots: ["<rootDir>/dist/test"],
  testMatch: ["**/*.test.js"],
  transform: {},
  testTimeout: 60_000,
};
