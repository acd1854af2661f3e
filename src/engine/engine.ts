import { Reference } from "../backends/reference/index.ts";
import type { Checkpoint } from "../checkpoint/index.ts";
import { TandemError } from "../errors.ts";
import { NUMERICS } from "../ops/index.ts";
import type { DialectName } from "../text/index.ts";
import { checkOpen, type LoadedEngine } from "./loaded-engine.ts";
import { allLogits, type LogitsOptions, type LogitsResult } from "./logits.ts";
import { Model } from "./model.ts";
import { Scheduler } from "./scheduler.ts";
import { Session } from "./session.ts";
import { loadSamplingDefaults, loadText, type TextSide } from "./text-side.ts";

export interface EngineOptions {
  /** Numerics profile by name; default `official`. */
  readonly numerics?: string;
  /** Tokens a conversation may hold; default and upper limit: what the model was made for. */
  readonly context?: number;
  /** Prompt dialect, when the checkpoint's own fingerprint should be overruled. */
  readonly dialect?: DialectName;
  /** False leaves tokenizer, dialect and sampling defaults unread: enough for logits, whatever state those files are in. */
  readonly text?: boolean;
  readonly onProgress?: (loadedBytes: number, totalBytes: number) => void;
}

/** A loaded model. */
export class Engine {
  readonly #loaded: LoadedEngine;
  readonly numerics: string;
  readonly #closing: AbortController;

  private constructor(loaded: Omit<LoadedEngine, "closing">, numerics: string) {
    this.#closing = new AbortController();
    this.#loaded = { ...loaded, closing: this.#closing.signal };
    this.numerics = numerics;
  }

  /**
   * Loads a model: a folder, a hub name already downloaded (Node), or an opened checkpoint (anywhere).
   * Without a tokenizer.json the engine computes logits but cannot converse.
   */
  static async load(source: string | Checkpoint, options: EngineOptions = {}): Promise<Engine> {
    const { numerics: name = "official" } = options;
    const numerics = NUMERICS.get(name);
    if (!numerics)
      throw new TandemError("engine/bad-option", { option: "numerics", value: name, expected: [...NUMERICS.keys()].join(" or ") });
    const checkpoint = typeof source === "string" ? await openByName(source) : source;
    try {
      const model = await Model.load(checkpoint, new Reference(numerics), options.onProgress);
      const longest = model.config.maxPositions;
      const { context = longest } = options;
      if (!(Number.isInteger(context) && context >= 1 && context <= longest))
        throw new TandemError("engine/bad-option", { option: "context", value: context, expected: `1 to ${longest}` });
      const converses = options.text !== false;
      const text = converses ? await loadText(checkpoint, model.config.eosId, options.dialect) : undefined;
      const unused = text ? [...Array(model.config.vocabSize).keys()].filter((id) => !text.tokenizer.has(id)) : [];
      const defaults = converses ? await loadSamplingDefaults(checkpoint) : {};
      return new Engine({ location: checkpoint.location, model, scheduler: new Scheduler(model), text, unused, defaults, context }, name);
    } finally {
      if (typeof source === "string") await checkpoint.close();
    }
  }

  get context(): number {
    return this.#loaded.context;
  }

  get location(): string {
    return this.#loaded.location;
  }

  /** Tokenizer and prompt dialect, if the checkpoint has a tokenizer. */
  get text(): TextSide | undefined {
    return this.#loaded.text;
  }

  /** Steps run so far and sequences they carried. */
  get counts(): { readonly steps: number; readonly sequences: number } {
    return this.#loaded.scheduler.counts;
  }

  session(): Session {
    checkOpen(this.#loaded);
    return new Session(this.#loaded);
  }

  /** Logits of a list of token ids, without text. */
  async logits(tokens: readonly number[], options: LogitsOptions = {}): Promise<LogitsResult> {
    checkOpen(this.#loaded);
    return allLogits(this.#loaded.model, tokens, { context: this.context, ...options });
  }

  /** Refuses further work, from its sessions too. Answers under way end after their current step, as cancelled. */
  close(): void {
    this.#closing.abort();
  }
}

async function openByName(name: string): Promise<Checkpoint> {
  // Imported here so that a page, which has no file system, can use the engine with an opened checkpoint.
  const { openCheckpoint, resolveModel } = await import("../checkpoint/node.ts");
  return openCheckpoint(await resolveModel(name));
}
