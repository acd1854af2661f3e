import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { test } from "node:test";

/** The rooms from the top down; a room may import from itself and from rooms further down. */
const ROOMS = [
  "cli",
  "bench",
  "plan",
  "verify",
  "eval",
  "synth",
  "engine",
  "backends",
  "models",
  "ops",
  "text",
  "checkpoint",
  "tensor",
  "formats",
];
/** Where the rule of the house is wider or narrower than the order. */
const FORBIDDEN: Readonly<Record<string, readonly string[]>> = {
  text: ["checkpoint", "tensor", "formats"],
  models: ["text"],
  backends: ["models", "text", "checkpoint"],
  ops: ["text", "checkpoint"],
};
const NODE_SIDE = /^(cli\/|checkpoint\/hub\/|.*-node\.ts$|.*\/node\.ts$|.*file-source\.ts$)/;

const src = resolve(import.meta.dirname, "../src");
const files = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
const roomOf = (path: string) => relative(src, path).split("/")[0]!;

for (const path of files(src).filter((p) => p.endsWith(".ts"))) {
  const name = relative(src, path);
  const room = roomOf(path);
  if (!ROOMS.includes(room)) continue;
  test(`${name} keeps to the rules of the house`, () => {
    const source = readFileSync(path, "utf8");
    for (const [, specifier] of source.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
      if (specifier!.startsWith("node:")) assert.match(name, NODE_SIDE, `${name} imports ${specifier}, but must run in a browser`);
      if (!specifier!.startsWith(".")) continue;
      const target = roomOf(resolve(path, "..", specifier!));
      if (!ROOMS.includes(target)) continue;
      assert.ok(ROOMS.indexOf(target) >= ROOMS.indexOf(room), `${name} imports up, from ${target}`);
      assert.ok(!FORBIDDEN[room]?.includes(target), `${name} may not import from ${target}`);
    }
  });
}
