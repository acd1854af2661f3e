/** Packages that live in a folder of their own, so that they never become dependencies of this repository. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export const peerFolder = (peers: string, name: string): string => join(peers, "node_modules", name);

export const peerVersion = (peers: string, name: string): string =>
  JSON.parse(readFileSync(join(peerFolder(peers, name), "package.json"), "utf8")).version;

/** Imports a file of a package by its path; what comes back is not typed here. */
// biome-ignore lint/suspicious/noExplicitAny: the packages are not there when the types are checked
export const importPeer = (peers: string, name: string, file: string): Promise<any> =>
  import(pathToFileURL(join(peerFolder(peers, name), file)).href);
