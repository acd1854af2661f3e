import { Cpu } from "../backends/cpu/index.ts";
import { Reference } from "../backends/reference/index.ts";
import type { Checkpoint } from "../checkpoint/index.ts";
import { TandemError } from "../errors.ts";
import { NUMERICS, type Numerics, type Ops } from "../ops/index.ts";
import type { DialectName } from "../text/index.ts";
import { checkOpen, type LoadedEngine } from "./loaded-engine.ts";
import { allLogits, type LogitsOptions, type LogitsResult } from "./logits.ts";
import { Model } from "./model.ts";
import { computeOpening } from "./opening.ts";
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
  /** `cpu` (default): WebAssembly on worker threads. `reference`: float64 TypeScript, slow, the truth the others are tested against. */
  readonly interpreter?: Interpreter;
  /** Worker threads of `cpu`; default: as many as the machine has, at most one for every four megabytes of weights. Answers do not depend on it. */
  readonly threads?: number;
  /** `cpu`: bytes of memory for routed experts. If not all fit, the rest are read from the checkpoint when needed; answers do not depend on it. */
  readonly expertBytes?: number;
  /** The engine closes a checkpoint it was given, as it does one it opened: after loading, or with itself if experts are read later. */
  readonly ownsCheckpoint?: boolean;
  readonly onProgress?: (loadedBytes: number, totalBytes: number) => void;
}

export const INTERPRETERS = ["cpu", "reference"] as const;
export type Interpreter = (typeof INTERPRETERS)[number];

function interpreterFor(numerics: Numerics, { interpreter = "cpu", threads, expertBytes }: EngineOptions): Ops {
  if (interpreter === "reference") return new Reference(numerics);
  if (interpreter !== "cpu")
    throw new TandemError("engine/bad-option", { option: "interpreter", value: interpreter, expected: INTERPRETERS.join(" or ") });
  return new Cpu(numerics, { ...(threads !== undefined && { threads }), ...(expertBytes !== undefined && { expertBytes }) });
}

/** Models of no more bytes read the opening of all conversations while they are loaded: it takes them a moment. */
const QUICK_BYTES = 64 * 2 ** 20;

/** A loaded model. */
export class Engine {
  readonly #loaded: LoadedEngine;
  readonly numerics: string;
  readonly #closing: AbortController;
  readonly #release: () => Promise<void>;

  private constructor(loaded: Omit<LoadedEngine, "closing">, numerics: string, release: () => Promise<void>) {
    this.#closing = new AbortController();
    this.#loaded = { ...loaded, closing: this.#closing.signal };
    this.numerics = numerics;
    this.#release = release;
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
    const owned = typeof source === "string" || options.ownsCheckpoint === true;
    const checkpoint = typeof source === "string" ? await openByName(source) : source;
    let ops: Ops | undefined;
    try {
      ops = interpreterFor(numerics, options);
      const model = await Model.load(checkpoint, ops, options.onProgress);
      const longest = model.config.maxPositions;
      const { context = longest } = options;
      if (!(Number.isInteger(context) && context >= 1 && context <= longest))
        throw new TandemError("engine/bad-option", { option: "context", value: context, expected: `1 to ${longest}` });
      const converses = options.text !== false;
      const text = converses ? await loadText(checkpoint, model.config.eosId, options.dialect) : undefined;
      const opening = text && ops instanceof Cpu && ops.counts.weights <= QUICK_BYTES ? await computeOpening(model, text) : undefined;
      const unused = text ? [...Array(model.config.vocabSize).keys()].filter((id) => !text.tokenizer.has(id)) : [];
      const defaults = converses ? await loadSamplingDefaults(checkpoint) : {};
      const streams = ops instanceof Cpu && ops.counts.streamed;
      const release = owned && streams ? () => checkpoint.close() : async () => {};
      if (owned && !streams) await checkpoint.close();
      const loaded = { location: checkpoint.location, model, scheduler: new Scheduler(model), text, opening, unused, defaults, context };
      return new Engine(loaded, name, release);
    } catch (error) {
      await ops?.close();
      if (owned) await checkpoint.close();
      throw error;
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

  /** The interpreter, for measurements: `Cpu` tells its memory and what streaming costs. */
  get ops(): Ops {
    return this.#loaded.model.ops;
  }

  /** Refuses further work, from its sessions too, and ends its threads. Answers under way end after their current step, as cancelled. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#loaded.scheduler.idle();
    await this.#loaded.model.ops.close();
    await this.#release();
  }
}

async function openByName(name: string): Promise<Checkpoint> {
  // Imported here so that a page, which has no file system, can use the engine with an opened checkpoint.
  const { openCheckpoint, resolveModel } = await import("../checkpoint/node.ts");
  return openCheckpoint(await resolveModel(name));
}
