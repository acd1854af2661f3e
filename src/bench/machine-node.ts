import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import type { MachineFacts } from "./report.ts";

/** Two folders up both in a checkout (src/bench) and in the installed package (dist/bench). */
const root = fileURLToPath(new URL("../..", import.meta.url));

export function machineFacts(): MachineFacts {
  const commit = commitOf(root);
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memory: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    ...(commit !== undefined && { commit }),
  };
}

/** Only of a checkout of its own: an installed package may lie inside somebody else's. */
function commitOf(folder: string): string | undefined {
  if (!existsSync(`${folder}/.git`)) return undefined;
  try {
    const describe = ["-C", folder, "describe", "--always", "--dirty", "--exclude=*"];
    return execFileSync("git", describe, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return undefined;
  }
}
