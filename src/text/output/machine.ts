import type { OutputParser, ParserEvent, Rendered } from "../types.ts";
import { AnswerText, type TextKind } from "./answer-text.ts";
import { type ArgumentsOutput, JsonArguments, ParameterArguments } from "./call-arguments.ts";
import type { KnownTool } from "./known-tool.ts";
import type { Hearing, Lexicon, Spelling } from "./lexicon.ts";
import { type ScanHandler, Scanner } from "./scanner.ts";
import { STATES, type State } from "./states.ts";
import { TRIAL_LIMIT, type Trial } from "./trial.ts";
import type { ParserWarning } from "./warnings.ts";

interface Call {
  readonly index: number;
  readonly name: string;
  readonly tool: KnownTool | undefined;
  readonly output: ArgumentsOutput;
  arguments: ParameterArguments | JsonArguments;
  repaired: boolean;
}

export interface MachineOptions {
  readonly lexicon: Lexicon;
  readonly start: Rendered["startsIn"];
  /** The output continues text of the prompt: line breaks at its start belong to it. */
  readonly continues: boolean;
  /** undefined: not known, any name may be one. Empty: no tools, everything is text. */
  readonly tools: ReadonlyMap<string, KnownTool> | undefined;
  readonly stop: readonly string[];
}

/** Text in, events out. */
export class OutputMachine implements OutputParser {
  readonly #lexicon: Lexicon;
  readonly #tools: ReadonlyMap<string, KnownTool> | undefined;
  readonly #text: AnswerText;
  readonly #scanner: Scanner;
  #state: State = "content";
  #events: ParserEvent[] = [];
  #trial: Trial | undefined;
  #call: Call | undefined;
  #calls = 0;
  /** Name or key so far. */
  #word = "";
  /** The tag that opened the current call or parameter was exact; so must be the one that closes it, to leave tags quoted in values alone. */
  #exact = true;

  constructor({ lexicon, start, continues, tools, stop }: MachineOptions) {
    this.#lexicon = lexicon;
    this.#tools = tools;
    this.#text = new AnswerText(start, continues, stop, (event) => this.#emit(event));
    this.#scanner = new Scanner(this.#handler());
    this.#go(start === "tool-calls" ? "block" : start);
  }

  push(text: string): ParserEvent[] {
    this.#scanner.scan(text);
    return this.#take();
  }

  finish(): ParserEvent[] {
    const rest = this.#scanner.rest();
    const { origin, exact } = this.#trial ?? {};
    if (origin === "reasoning" && this.#state === "done") this.#believe();
    else if (origin === "content" && exact) this.#cutOff();
    else if (origin !== undefined) this.#disbelieve(rest);
    else if (this.#state === "content" && this.#offersTools && rest.startsWith(this.#lexicon.marker)) this.#cutOff();
    else if (this.#state === "content" || this.#state === "reasoning") this.#write(this.#state, rest);
    else if (this.#call !== undefined || this.#state === "name") this.#drop("call-incomplete");
    else if (this.#state === "block" || this.#state === "skip") this.#warn("block-unclosed");
    if (this.#state !== "ended") this.#endText();
    this.#go("ended");
    return this.#take();
  }

  #handler(): ScanHandler {
    return {
      text: (text) => this.#between(text),
      tag: (tag) => this.#go(this.#after(tag)),
      refuses: ({ token }) => this.#trial?.origin === "reasoning" && !STATES[this.#state].regular.includes(token),
      stray: (unit) => this.#go(this.#afterStray(unit)),
      overdue: (units) => this.#trial !== undefined && this.#trial.raw.length + units > TRIAL_LIMIT,
      decide: () => this.#go(this.#calls > 0 ? this.#believe() : this.#disbelieve()),
    };
  }

  #between(text: string): void {
    if (this.#trial !== undefined) this.#trial.raw += text;
    if (text === "") return;
    if (this.#state === "reasoning" || this.#state === "content") this.#write(this.#state, text);
    else if (this.#state === "name" || this.#state === "key") this.#word += text;
    else if (this.#state === "value" || this.#state === "json") this.#call!.arguments.text(text);
  }

  /** What a tag that the state's row lists does, and the state after it. */
  #after({ token, exact, text }: Spelling): State {
    if (this.#state === "ended") return "ended"; // the text in front of the tag held a stop string
    if (this.#trial !== undefined) this.#trial.raw += text;
    else if (token !== "think-end" && (this.#state === "reasoning" || this.#state === "content"))
      this.#trial = { origin: this.#state, exact, wrapped: token === "block-open", events: [], raw: text };
    if (this.#call !== undefined && !exact) this.#call.repaired = true;
    const parameters = this.#call?.arguments as ParameterArguments;
    switch (token) {
      case "think-end":
        this.#endThinking();
        return "content";
      case "block-open":
        return "block";
      case "block-close":
        return this.#closeBlock();
      case "call-open":
        if (this.#call !== undefined) this.#drop("call-incomplete");
        this.#word = "";
        this.#exact = exact;
        return "name";
      case "name-end":
        return this.#beginCall(this.#word.split('"')[0]);
      case "key-open":
        this.#word = "";
        this.#exact = exact;
        return "key";
      case "key-end":
        parameters.begin(this.#word + text);
        return "value";
      case "value-end":
        parameters.endValue();
        return "arguments";
      case "call-close":
        if (this.#state === "value") {
          this.#warn("parameter-unclosed");
          parameters.endValue();
        }
        this.#endCall();
        return "block";
    }
  }

  /** The state in which text is scanned again that the current one does not allow. */
  #afterStray(unit: string): State {
    if (this.#trial !== undefined) return this.#disbelieve();
    if (this.#state === "done") {
      this.#warn("text-after-block");
      return "ended";
    }
    if (this.#state === "arguments" && unit === "{" && !(this.#call!.arguments as ParameterArguments).begun) {
      this.#warn("json-body");
      this.#call!.arguments = new JsonArguments(this.#call!.tool, this.#call!.output);
      return "json";
    }
    this.#drop(this.#state === "block" ? "text-in-block" : "call-malformed");
    return "skip";
  }

  #endThinking(): void {
    if (this.#state === "reasoning") this.#text.close("reasoning");
    else {
      this.#warn("think-end-stray");
      this.#text.beginContent();
    }
  }

  #beginCall(name: string): State {
    const trial = this.#trial;
    const known = this.#tools?.has(name) === true;
    const flawless = name !== "" && this.#exact && (trial === undefined || (trial.exact && trial.wrapped));
    if (!known && !(flawless && (trial?.origin !== "reasoning" || this.#tools === undefined))) {
      if (trial !== undefined) return this.#disbelieve();
      this.#warn("call-malformed");
      return "skip";
    }
    if (trial?.origin === "content") this.#believe();
    if (!known && this.#tools !== undefined) this.#warn("unknown-tool");
    const index = this.#calls++;
    const output: ArgumentsOutput = {
      fragment: (json) => this.#emit({ type: "tool-arguments", index, json }),
      warn: (kind) => this.#warn(kind),
    };
    const tool = this.#tools?.get(name);
    const Arguments = this.#lexicon.argumentState === "json" ? JsonArguments : ParameterArguments;
    const repaired = !this.#exact || trial?.exact === false;
    this.#call = { index, name, tool, output, arguments: new Arguments(tool, output), repaired };
    this.#emit({ type: "tool-begin", index, name });
    return this.#lexicon.argumentState;
  }

  #endCall(): void {
    const { index, name, arguments: written, repaired } = this.#call!;
    const json = written.end();
    if (repaired) this.#warn("tag-repaired");
    if (json === undefined) this.#warn("arguments-invalid");
    else this.#emit({ type: "tool-end", index, call: { name, arguments: json } });
    this.#call = undefined;
  }

  #closeBlock(): State {
    if (this.#state === "arguments") {
      this.#warn("call-unclosed");
      this.#endCall();
    } else if (this.#call !== undefined) this.#drop("call-incomplete");
    if (this.#calls === 0) {
      if (this.#trial?.origin === "reasoning") return this.#disbelieve();
      if (this.#trial !== undefined) this.#believe();
      this.#warn("block-empty");
    }
    this.#emit({ type: "stop", reason: "tool-calls" });
    return "done";
  }

  /** The trial's events go out. */
  #believe(): State {
    const { origin, events, wrapped } = this.#trial!;
    this.#trial = undefined;
    this.#text.close(origin);
    if (origin === "reasoning") this.#warn("think-end-missing");
    if (!wrapped) this.#warn("wrapper-missing");
    this.#events.push(...events);
    return this.#state;
  }

  /** It was text after all. */
  #disbelieve(rest = ""): State {
    const { origin, raw } = this.#trial!;
    this.#trial = undefined;
    this.#call = undefined;
    this.#calls = 0;
    this.#write(origin, raw + rest);
    return this.#text.stopped ? "ended" : origin;
  }

  /** The output ended in content, inside what was clearly going to be a call. */
  #cutOff(): void {
    this.#trial = undefined;
    this.#text.close("content");
    this.#drop("call-incomplete");
  }

  #drop(kind: ParserWarning): void {
    this.#call = undefined;
    this.#warn(kind);
  }

  #write(kind: TextKind, text: string): void {
    this.#text.write(kind, text);
    this.#checkStop();
  }

  #endText(): void {
    this.#text.flush();
    this.#checkStop();
  }

  #checkStop(): void {
    if (!this.#text.stopped) return;
    this.#emit({ type: "stop", reason: "stop-string" });
    this.#go("ended");
  }

  #go(state: State): void {
    this.#state = state;
    this.#scanner.listen(this.#lexicon.finder(state, this.#hearing(state)), STATES[state].body);
  }

  #hearing(state: State): Hearing {
    if (this.#trial?.origin === "reasoning") return "quoted";
    if (!this.#offersTools && (state === "reasoning" || state === "content")) return "plain";
    if (state === "reasoning") return "exact";
    return (state === "value" || state === "json") && this.#exact ? "exact" : "any";
  }

  get #offersTools(): boolean {
    return this.#tools === undefined || this.#tools.size > 0;
  }

  #warn(kind: ParserWarning): void {
    this.#emit({ type: "warning", kind });
  }

  #emit(event: ParserEvent): void {
    (this.#trial?.events ?? this.#events).push(event);
  }

  #take(): ParserEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
