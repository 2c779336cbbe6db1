/** Node type `python_venv`: a Python environment with what scripts need. Knows no scripts. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defineNode } from "dag-cook";
import { answerOf } from "./run/run.js";
import { digestOfFile, requirementsIn } from "./venv/requirements.js";
import { ENVIRONMENT_TAG, ensureVenv, pythonVersion, type VenvSpec } from "./venv/venv.js";

export default defineNode({
  description: "Makes a Python virtual environment with its requirements once, for `script` nodes below.",
  version: 1,
  params: {
    python: {
      type: "string",
      default: "python3",
      pattern: "^[^/\\\\\\s-][^/\\\\\\s]*$",
      description: "Program on the PATH that makes it; its version counts.",
    },
    requirements: {
      type: "array",
      items: { type: "string", pattern: "^[A-Za-z0-9]", template: false },
      uniqueItems: true,
      default: [],
      description: "What pip installs, such as `numpy==2.1.0`. A version that is not pinned is the one of that day.",
    },
    requirements_file: {
      type: ["string", "null"],
      path: "input",
      default: null,
      description: "A file with further such lines; options (`-r`, `--index-url`) are refused.",
    },
    packages: {
      type: "array",
      items: { type: "string", path: "input" },
      default: [],
      description: "Wheels that lie in files, to be installed too.",
    },
    system_site_packages: { type: "boolean", default: false, description: "Whether Python's own packages are seen." },
  },
  reaches: "programs",
  inputs: {},
  check: ({ packages }) =>
    packages.flatMap((path, index) =>
      path.endsWith(".whl") ? [] : [{ param: `packages.${index}`, message: `"${path}" is no wheel (.whl)` }],
    ),
  attributes: { writes: { python_version: "string" } },
  async cook(_item, { python, requirements, requirements_file, packages, system_site_packages }, context) {
    const { directory, signal, log } = context;
    signal.throwIfAborted();
    const listed = requirements_file === null ? [] : await requirementsIn(requirements_file);
    const version = await pythonVersion(python);
    const spec: VenvSpec = {
      python,
      version,
      requirements: [...new Set([...requirements, ...listed])].sort(),
      packages: await Promise.all(packages.map(digestOfFile)),
      system_site_packages,
    };
    await ensureVenv(spec, { files: packages, signal, log });
    await writeFile(join(directory, "environment.json"), `${JSON.stringify(spec)}\n`);
    const outputs = [{ path: "environment.json", tag: ENVIRONMENT_TAG }];
    return { outputs, attributes: { python_version: version.split(" ")[1] ?? version } };
  },
  async doctor() {
    const version = await answerOf("python3", ["--version"]);
    const detail = version ?? "no python3 found: python_venv and Python scripts need it";
    return [{ name: "python", ok: version !== undefined, optional: true, detail }];
  },
});
