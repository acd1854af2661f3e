import { TandemError } from "../../errors.ts";
import { safePath } from "../safe-path.ts";

/** A model on a hub, at a branch, tag or commit. */
export interface ModelName {
  readonly repo: string;
  readonly revision: string;
}

const PART = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?$/;

/**
 * Reads `ORG/NAME` or `ORG/NAME@REVISION`; `hub/bad-name` for anything else. The rules are the hub's: `--` would be ambiguous in the
 * cache, where `/` is written so, and both parts become folder names.
 */
export function parseModelName(text: string, revision?: string): ModelName {
  const [repo = "", inName, ...rest] = text.split("@");
  const parts = repo.split("/");
  const fine = parts.length === 2 && parts.every((part) => PART.test(part) && !/--|\.\./.test(part)) && rest.length === 0;
  const chosen = revision ?? inName ?? "main";
  try {
    if (!fine || (revision !== undefined && inName !== undefined && revision !== inName)) throw new Error("not ORG/NAME@REVISION");
    return { repo, revision: safePath(chosen) };
  } catch (cause) {
    throw new TandemError("hub/bad-name", { name: JSON.stringify(revision === undefined ? text : `${text}@${revision}`) }, { cause });
  }
}

/** Whether a revision is a full commit id, which can never come to mean something else. */
export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);
