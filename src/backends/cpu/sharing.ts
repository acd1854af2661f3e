/**
 * Whether memory can be shared with worker threads: always in Node, in a page only if it is cross-origin isolated
 * (`Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`). Without it one thread computes, the caller's own.
 */
export const canShare = (): boolean => typeof SharedArrayBuffer !== "undefined" && globalThis.crossOriginIsolated !== false;

/** Words that threads and coordinator see alike. */
export const sharedBuffer = (bytes: number): ArrayBufferLike => (canShare() ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
