import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe } from "@jest/globals";
import { lockOf } from "../../src/store/lock.js";
import { blobsConform } from "./seams/blobs.js";
import { historyConforms } from "./seams/history.js";
import { resultsConform } from "./seams/results.js";
import { made, open } from "./workbench.js";

describe("blobs in a folder of this machine", () => {
  blobsConform((folder) => open(folder));
});

describe("results in the database of this machine", () => {
  resultsConform(async (folder) => {
    // The lock of an engine that lives would keep the next one out.
    rmSync(lockOf(join(folder, ".dag")), { force: true });
    const store = await open(folder);
    return {
      results: store.results,
      publication: (item, word, rest = {}) => ({ ...made(store, { item, word, files: {} }), ...rest }),
      close: () => store.close(),
    };
  });
});

describe("history in the database of this machine", () => {
  historyConforms((folder) => open(folder));
});
