import { coerce, innerObject, isObjectText, isWrapperKey, unwrapObject, WRAPPER_KEYS } from "./json-text.ts";
import type { KnownTool } from "./known-tool.ts";
import type { ParserWarning } from "./warnings.ts";

/**
 * The arguments of one call becoming JSON text. Fragments go out as soon as they are certain and always add up to the final text:
 * strings stream; a value that JSON must be checked or turned into another type waits for its end; an object that may be a wrapper waits
 * until that is ruled out.
 */
export interface ArgumentsOutput {
  readonly fragment: (json: string) => void;
  readonly warn: (kind: ParserWarning) => void;
}

abstract class CallArguments {
  protected readonly tool: KnownTool | undefined;
  protected readonly out: ArgumentsOutput;
  #json = "";

  constructor(tool: KnownTool | undefined, out: ArgumentsOutput) {
    this.tool = tool;
    this.out = out;
  }

  protected get json(): string {
    return this.#json;
  }

  protected add(fragment: string): void {
    if (fragment === "") return;
    this.#json += fragment;
    this.out.fragment(fragment);
  }

  /** More text of the current value. */
  abstract text(text: string): void;
  /** The whole arguments as JSON text, or undefined when they are not a JSON object. */
  abstract end(): string | undefined;
}

interface Parameter {
  readonly key: string;
  readonly attribute: string | undefined;
  readonly types: ReadonlySet<string> | undefined;
  readonly mode: "stream" | "hold" | "drop";
  /** Text so far, if held. */
  raw: string;
}

/** Arguments written as DSML parameters. */
export class ParameterArguments extends CallArguments {
  readonly #keys = new Set<string>();
  #current: Parameter | undefined;
  /** A first parameter named `arguments` or `input` that the tool does not have: perhaps a wrapper, if no other parameter follows. */
  #wrapper: Parameter | undefined;

  /** A parameter has come. */
  get begun(): boolean {
    return this.#current !== undefined;
  }

  /** @param header what stands between `parameter name="` and the end of the tag, e.g. `city" string="true` */
  begin(header: string): void {
    this.#releaseWrapper();
    const end = header.indexOf('" string');
    const key = end < 0 ? header.split('"')[0] : header.slice(0, end);
    const attribute = /string="?(true|false)"?>?$/.exec(header)?.[1];
    const types = this.tool?.types(key);
    const streams = attribute !== "false" && (types === undefined || types.has("string")) && !(this.#empty && isWrapperKey(key, this.tool));
    const mode = this.#keys.has(key) ? "drop" : streams ? "stream" : "hold";
    this.#current = { key, attribute, types, mode, raw: "" };
    if (mode === "stream") {
      this.#addKey(key);
      this.add('"');
      if (attribute === undefined) this.out.warn("argument-coerced");
    }
  }

  override text(text: string): void {
    const parameter = this.#current!;
    if (parameter.mode === "stream") this.add(JSON.stringify(text).slice(1, -1));
    else if (parameter.mode === "hold") parameter.raw += text;
  }

  endValue(): void {
    const parameter = this.#current!;
    if (parameter.mode === "stream") this.add('"');
    else if (parameter.mode === "drop") this.out.warn("parameter-duplicate");
    else if (this.#empty && isWrapperKey(parameter.key, this.tool)) this.#wrapper = parameter;
    else this.#addHeld(parameter);
  }

  override end(): string {
    const inner = this.#wrapper && innerObject(this.#wrapper.raw, this.tool!);
    if (inner !== undefined) {
      this.out.warn("arguments-unwrapped");
      this.add(inner);
      return this.json;
    }
    this.#releaseWrapper();
    this.add(this.#empty ? "{}" : "}");
    return this.json;
  }

  /** Nothing has gone out yet. */
  get #empty(): boolean {
    return this.#keys.size === 0;
  }

  #addKey(key: string): void {
    this.add(`${this.#empty ? "{" : ", "}${JSON.stringify(key)}: `);
    this.#keys.add(key);
  }

  #addHeld({ key, attribute, types, raw }: Parameter): void {
    const json = coerce(raw, attribute, types);
    const literal = attribute === "true" ? JSON.stringify(raw) : attribute === "false" ? raw : undefined;
    if (json !== literal) this.out.warn("argument-coerced");
    this.#addKey(key);
    this.add(json);
  }

  #releaseWrapper(): void {
    if (this.#wrapper !== undefined) this.#addHeld(this.#wrapper);
    this.#wrapper = undefined;
  }
}

/** Arguments written as one JSON object (V3.1; or a DSML call with a JSON body). Passed on as they come, checked at the end. */
export class JsonArguments extends CallArguments {
  #mode: "deciding" | "streaming" | "holding" = "deciding";
  #held = "";
  /** `#held` without white space, as far as it matters for the decision. */
  #squeezed = "";
  /** White space that is dropped if the text ends here. */
  #blank = "";

  override text(text: string): void {
    if (this.#mode === "streaming") this.#stream(text);
    else this.#held += text;
    if (this.#mode !== "deciding") return;
    this.#squeezed += text.replace(/\s+/g, "");
    if (this.#squeezed !== "") this.#decide();
  }

  override end(): string | undefined {
    if (this.#mode === "streaming") return isObjectText(this.json) ? this.json : undefined;
    const raw = this.#held.trim();
    const unwrapped = unwrapObject(raw, this.tool);
    if (unwrapped !== undefined) this.out.warn("arguments-unwrapped");
    const json = unwrapped ?? (raw === "" ? "{}" : raw);
    if (!isObjectText(json)) return undefined;
    this.add(json);
    return json;
  }

  #decide(): void {
    const wrappers = WRAPPER_KEYS.filter((key) => isWrapperKey(key, this.tool)).map((key) => `{"${key}":`);
    if (!this.#squeezed.startsWith("{") || wrappers.some((wrapper) => this.#squeezed.startsWith(wrapper))) this.#mode = "holding";
    else if (!wrappers.some((wrapper) => wrapper.startsWith(this.#squeezed))) {
      this.#mode = "streaming";
      this.#stream(this.#held.trimStart());
    }
  }

  #stream(text: string): void {
    const body = text.trimEnd();
    if (body !== "") this.add(this.#blank + body);
    this.#blank = body === "" ? this.#blank + text : text.slice(body.length);
  }
}
