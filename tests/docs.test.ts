import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { TABLES } from "../scripts/docs/tables.ts";

const root = resolve(import.meta.dirname, "..");

for (const [name, make] of Object.entries(TABLES))
  test(`docs/${name} is what the code says (npm run docs)`, () => assert.equal(readFileSync(join(root, "docs", name), "utf8"), make()));

const pages = ["README.md", "AGENTS.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].filter((p) => p.endsWith(".md"));
for (const page of pages)
  test(`${page}: every link within the repository leads somewhere`, () => {
    for (const [, target] of readFileSync(join(root, page), "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)/g))
      assert.ok(existsSync(join(root, dirname(page), target!)), `${page} links to ${target}`);
  });
