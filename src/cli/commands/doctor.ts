/** `dag doctor`: what this machine has. What runtimes and devices there are, the node types say. */
import { statfsSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { formatBytes } from "../../base/size.js";
import { nodeTypes } from "../../engine/project.js";
import { machineSlots } from "../../engine/slots.js";
import type { DoctorLine } from "../../nodetype/define.js";
import { print } from "../print.js";
import { table } from "../table.js";

export async function doctorCommand({ deep = false }: { readonly deep?: boolean }): Promise<number> {
  const lines = [...(await machine()), ...(await ofNodeTypes(deep))];
  print(
    `${table(
      ["", "what", "how it is"],
      lines.map(({ ok, optional = false, name, detail }) => [ok ? "✓" : optional ? "–" : "✗", name, detail]),
    )}\n`,
  );
  return lines.every(({ ok, optional = false }) => ok || optional) ? 0 : 3;
}

async function machine(): Promise<DoctorLine[]> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const { bavail, bsize } = statfsSync(process.cwd());
  const free = bavail * bsize;
  const slots = machineSlots({});
  return [
    {
      name: "node",
      ok: major > 20 || (major === 20 && minor >= 19),
      detail: `${process.versions.node} (20.19 or newer)`,
    },
    { name: "cpu", ok: true, detail: `${availableParallelism()} cores: ${slots.cpu} slots` },
    { name: "gpu", ok: true, detail: slots.gpu === 0 ? "no NVIDIA GPU found: 0 slots" : `${slots.gpu} slots` },
    { name: "memory", ok: true, detail: formatBytes(totalmem()) },
    { name: "disk", ok: free > 1e9, detail: `${formatBytes(free)} free in the working folder` },
    await store(),
  ];
}

async function store(): Promise<DoctorLine> {
  const name = "store (libsql)";
  try {
    const { default: Database } = await import("libsql");
    const database = new Database(":memory:");
    const row = database.prepare("select sqlite_version() as version").get([]) as { readonly version: string };
    database.close();
    return { name, ok: true, detail: `SQLite ${row.version}` };
  } catch (error) {
    const cause = (error as Error).message.split("\n")[0];
    return { name, ok: false, detail: `does not load: ${cause}. npm ci installs it.` };
  }
}

async function ofNodeTypes(deep: boolean): Promise<DoctorLine[]> {
  const registry = nodeTypes({ folder: process.cwd() });
  const lines = new Map<string, DoctorLine>();
  for (const name of registry.names) {
    try {
      const type = await registry.get(name);
      for (const line of (await type?.definition.doctor?.({ deep })) ?? []) lines.set(line.name, line);
    } catch (error) {
      lines.set(name, { name, ok: false, detail: (error as Error).message });
    }
  }
  return [...lines.values()];
}
