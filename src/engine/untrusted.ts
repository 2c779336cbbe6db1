/** The node types that a graph of a stranger may use (`--untrusted`): those that stay within its files and folders. */
import { REACHES } from "../graph/reach.js";
import { NodeFileError } from "../nodetype/fault.js";
import type { Registry } from "../nodetype/registry.js";

/** `own`: this package's types; `all`: with those of the project, of which the names alone are asked for. */
export function untrustedTypes(own: Registry, all: Registry): Registry {
  return {
    names: own.names,
    async get(name) {
      if (!own.names.has(name) && all.names.has(name))
        throw new NodeFileError(`"${name}" is the project's own node code, which --untrusted does not run`);
      const type = await own.get(name);
      const reach = type?.definition.reaches;
      if (reach !== undefined) throw new NodeFileError(`"${name}" ${REACHES[reach]}, which --untrusted refuses`);
      return type;
    },
  };
}
