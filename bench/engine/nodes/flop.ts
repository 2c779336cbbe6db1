/** Node type of the benchmarks: mirrors each image of a folder, as the peer does by calling sharp itself. */
import { join } from "node:path";
import { defineNode } from "dag-cook";
import { directory, discoverFiles, generateFiles } from "./listed.js";

export default defineNode({
  description: "An item for each image in a folder; mirrors it.",
  version: 1,
  params: { directory },
  inputs: {},
  discover: ({ directory: folder }, context) => discoverFiles(folder, context),
  generate: (_upstream, _params, discovered) => generateFiles(discovered),
  async cook({ files }, _params, { directory: folder }) {
    const { default: sharp } = await import("sharp");
    sharp.concurrency(1);
    await sharp(files[0]!.path).flop().png().toFile(join(folder, "flopped.png"));
    return { outputs: [{ path: "flopped.png", tag: "file/image" }] };
  },
});
