import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as the hub or its storage saw it. */
export interface Seen {
  readonly server: "hub" | "storage";
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** Answers a request instead of the normal course, or returns false to leave it. */
export type Fault = (seen: Seen, response: ServerResponse) => boolean;

/** What a listing says about a file. */
interface ListedFile {
  readonly rfilename: string;
  size?: number;
  blobId?: string;
  lfs?: { sha256: string; size: number };
}

export const COMMIT = "c0ffee00".repeat(5);
export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
export const gitBlob = (bytes: Uint8Array): string => createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");

/**
 * A hub on 127.0.0.1, with its storage on another port (so another origin): large files are redirected there, with the headers of the
 * real one. It has one model, `org/model`, at the branch `main`.
 */
export class FakeHub {
  /** Files above 1,000 bytes are large files. */
  readonly files = new Map<string, Uint8Array>();
  readonly seen: Seen[] = [];
  fault: Fault = () => false;
  /** Whether the listing has sizes and hashes, or only names. */
  detailed = true;
  /** Changes the listing. */
  listing: (body: { sha: string; siblings: ListedFile[] }) => unknown = (body) => body;
  endpoint = "";
  storage = "";
  #servers: Server[] = [];

  async start(): Promise<void> {
    this.endpoint = await this.#listen("hub", (seen, response) => this.#answer(seen, response));
    this.storage = await this.#listen("storage", (seen, response) => {
      // Signed links are for GET only.
      if (seen.method !== "GET") return void response.writeHead(403).end();
      sendFile(seen, response, this.files.get(decodeURIComponent(seen.path.slice(1)))!, {});
    });
  }

  reset(): void {
    this.seen.length = 0;
    this.fault = () => false;
    this.detailed = true;
    this.listing = (body) => body;
  }

  stop(): void {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
  }

  /** Requests for the contents of a file. */
  gets(path: string): Seen[] {
    return this.seen.filter(
      (seen) => seen.method === "GET" && !seen.path.startsWith("/api") && seen.path.endsWith(`/${encodeURIComponent(path)}`),
    );
  }

  async #listen(server: Seen["server"], answer: (seen: Seen, response: ServerResponse) => void): Promise<string> {
    const http = createServer((request: IncomingMessage, response) => {
      const { range, authorization } = request.headers;
      const seen = { server, method: request.method!, path: request.url!, range, authorization };
      this.seen.push(seen);
      if (!this.fault(seen, response)) answer(seen, response);
    });
    this.#servers.push(http);
    await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  }

  #answer(seen: Seen, response: ServerResponse): void {
    const { pathname } = new URL(seen.path, this.endpoint);
    const revision = /^\/api\/models\/org\/model\/revision\/(.+)$/.exec(pathname)?.[1];
    if (revision && ["main", COMMIT, "refs%2Fpr%2F1"].includes(revision))
      return void response.end(JSON.stringify(this.listing(this.#list())));
    const name = pathname.startsWith(`/org/model/resolve/${COMMIT}/`) ? decodeURIComponent(pathname.slice(20 + COMMIT.length)) : "";
    const bytes = this.files.get(name);
    if (!bytes) return void response.writeHead(404).end("not found");
    if (bytes.length <= 1000) return void sendFile(seen, response, bytes, { etag: `"${gitBlob(bytes)}"`, "x-repo-commit": COMMIT });
    const headers = { "x-linked-etag": `"${sha256(bytes)}"`, "x-linked-size": bytes.length, "x-repo-commit": COMMIT };
    response.writeHead(302, { ...headers, location: `${this.storage}/${encodeURIComponent(name)}` }).end("see there");
  }

  #list(): { sha: string; siblings: ListedFile[] } {
    const siblings = [...this.files].map(([rfilename, bytes]): ListedFile => {
      if (!this.detailed) return { rfilename };
      const file = { rfilename, size: bytes.length, blobId: gitBlob(bytes) };
      return bytes.length <= 1000 ? file : { ...file, blobId: "0".repeat(40), lfs: { sha256: sha256(bytes), size: bytes.length } };
    });
    return { sha: COMMIT, siblings };
  }
}

function sendFile(seen: Seen, response: ServerResponse, bytes: Uint8Array, headers: Record<string, string>): void {
  const start = Number(/^bytes=(\d+)-$/.exec(seen.range ?? "")?.[1] ?? 0);
  const part = bytes.subarray(start);
  const range: Record<string, string> = start > 0 ? { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {};
  response.writeHead(start > 0 ? 206 : 200, { ...headers, ...range, "content-length": part.length });
  response.end(seen.method === "HEAD" ? undefined : part);
}
