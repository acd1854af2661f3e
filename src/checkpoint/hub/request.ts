/** Node side: requests to a Hugging Face-compatible hub, with redirects followed by our own rules. */
import { TandemError } from "../../errors.ts";
import { hashIn } from "./content-hash.ts";

/** An address and who is asking. */
export interface Hub {
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly token: string | undefined;
}

/** What the hub says about a file: hash of its contents, size in bytes, commit. */
interface Told {
  readonly hash?: string;
  readonly size?: number;
  readonly commit?: string;
}

export interface Reply extends Told {
  /** The last response of a chain of redirects; for HEAD the first that says what was asked for. */
  readonly response: Response;
}

/** A hub redirects once to its storage, sometimes once before that because a model was renamed. */
const MAX_REDIRECTS = 5;

/** The longest pause a hub may ask for. */
const MAX_WAIT_MS = 120_000;

/** The hub to ask: `endpoint`, else `HF_ENDPOINT`, else huggingface.co; `hub/insecure` if a token would travel unencrypted. */
export function connect(endpoint = process.env.HF_ENDPOINT || "https://huggingface.co", token = process.env.HF_TOKEN): Hub {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol !== "https:" && url?.protocol !== "http:")
    throw new TandemError("hub/bad-response", { what: "its address", reason: `${JSON.stringify(endpoint)} is not an http(s) address` });
  const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (token && url.protocol === "http:" && !loopback)
    throw new TandemError("hub/insecure", { reason: `The token would travel unencrypted to ${url.host}` });
  return { endpoint: endpoint.replace(/\/+$/, ""), token: token || undefined };
}

/**
 * Asks the hub for a path. The token is sent to the hub's own origin only, never to where it redirects, and never from https to http.
 * Errors: `hub/unreachable` (network, 5xx: may pass), `hub/not-found`, `hub/unauthorized`, `hub/insecure`, `hub/bad-response`.
 */
export async function request(
  hub: Hub,
  method: "GET" | "HEAD",
  path: string,
  what: string,
  signal: AbortSignal,
  range?: string,
): Promise<Reply> {
  const origin = new URL(hub.endpoint).origin;
  let url = new URL(hub.endpoint + path);
  let told: Told = {};
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const atHub = url.origin === origin;
    // Compressed answers would have other lengths and ranges than the file.
    const headers: Record<string, string> = { "accept-encoding": "identity", "user-agent": "tandem" };
    if (range) headers.range = range;
    if (hub.token && atHub) headers.authorization = `Bearer ${hub.token}`;
    const response = await fetchOnce(url, { method, headers, redirect: "manual", signal }, what);
    if (atHub) told = linked(response.headers, told);
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || !location) {
      await check(response, atHub, what);
      return { response, ...own(response.headers, atHub), ...told };
    }
    await response.body?.cancel();
    // The storage often refuses HEAD; the hub has already said everything.
    if (method === "HEAD" && told.hash && told.size !== undefined) return { response, ...told };
    url = redirected(url, location, what);
  }
  throw new TandemError("hub/bad-response", { what, reason: `more than ${MAX_REDIRECTS} redirects` });
}

/** Headers with which a hub describes the file behind a redirect. Earlier answers count more. */
function linked(headers: Headers, before: Told): Told {
  const hash = hashIn(headers.get("x-linked-etag"));
  const size = natural(headers.get("x-linked-size"));
  const commit = headers.get("x-repo-commit");
  return { ...(hash && { hash }), ...(size !== undefined && { size }), ...(commit && { commit }), ...before };
}

/** The same for a file that is not behind a redirect. The tags of a storage are not the hub's: they may hash something else. */
function own(headers: Headers, atHub: boolean): Told {
  const hash = atHub ? hashIn(headers.get("etag")) : undefined;
  const size = natural(headers.get("content-length"));
  return { ...(hash && { hash }), ...(size !== undefined && { size }) };
}

const natural = (text: string | null): number | undefined => (text && /^\d{1,15}$/.test(text) ? Number(text) : undefined);

function redirected(from: URL, location: string, what: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.protocol === "https:" || (to?.protocol === "http:" && from.protocol === "http:")) return to;
  if (to?.protocol === "http:")
    throw new TandemError("hub/insecure", { reason: `The hub redirects ${what} to the unencrypted ${to.host}` });
  throw new TandemError("hub/bad-response", { what, reason: "it redirects to something that is not a web address" });
}

async function fetchOnce(url: URL, init: RequestInit, what: string): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    throw unreachable(what, cause);
  }
}

async function check(response: Response, atHub: boolean, what: string): Promise<void> {
  const { status, headers } = response;
  if (status === 200 || status === 206) return;
  await response.body?.cancel();
  const reason = `it answered ${status}`;
  // Storage refuses links that have become too old; the hub makes a new one when asked again.
  if (status >= 500 || status === 429 || status === 408 || (!atHub && (status === 401 || status === 403))) {
    const waitMs = Math.min((natural(headers.get("retry-after")) ?? 0) * 1000, MAX_WAIT_MS);
    throw new TandemError("hub/unreachable", { what, reason, waitMs });
  }
  if (status === 401 || status === 403) throw new TandemError("hub/unauthorized", { what });
  if (status === 404 || status === 410) throw new TandemError("hub/not-found", { what });
  throw new TandemError("hub/bad-response", { what, reason });
}

/** A failed connection as an error that `retry` repeats. Node hides the reason in the cause of a bare "fetch failed". */
export function unreachable(what: string, error: unknown): TandemError {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new TandemError("hub/unreachable", { what, reason: inner instanceof Error ? inner.message : String(inner) }, { cause: error });
}
