import type { DialectName } from "../types.ts";
import { PatternFinder } from "./pattern-finder.ts";
import { STATES, type State, type Token } from "./states.ts";

/** One way to write one token. */
export interface Spelling {
  readonly text: string;
  readonly token: Token;
  /** As the dialect prescribes it, not as models sometimes mistype it. */
  readonly exact: boolean;
}

/**
 * Which spellings a search listens to. `exact`: the dialect's own. `any`: also the mistyped ones. `quoted`: exact, and besides the state's
 * own tokens every other tag, because a call quoted inside thinking betrays itself by a tag where none belongs. `plain`: no tags of calls.
 */
export type Hearing = "exact" | "any" | "quoted" | "plain";

export type Finder = PatternFinder<Spelling>;

const TAG_TOKENS: readonly Token[] = ["think-end", "block-open", "block-close", "call-open", "call-close", "key-open"];

/** DSML tag names (block, call, parameter). V4.1 puts a space in front so that each is one token. */
const TAGS: Readonly<Record<Exclude<DialectName, "v3.1">, readonly [block: string, call: string, parameter: string]>> = {
  "v3.2": ["function_calls", "invoke", "parameter"],
  v4: ["tool_calls", "invoke", "parameter"],
  "v4-0731": ["tool_calls", "invoke", "parameter"],
  "v4.1": [" calls", " invoke", " parameter"],
};

/** Seen in the wild: doubled bars `<｜｜DSML｜｜`, no first bar `<DSML｜`, ASCII `|` and double `‖` (U+2016) instead of `｜` (U+FF5C). */
const BARS = ["｜", "|", "‖"];
const MISTYPED_MARKERS = BARS.flatMap((bar) =>
  ["", bar, bar + bar].flatMap((lead) => [bar, bar + bar].map((tail) => `${lead}DSML${tail}`)),
);
const MARKER = "｜DSML｜";

const NAME_END: Spelling = { text: '">', token: "name-end", exact: true };
/** The last two: the attribute without quotes. */
const KEY_END: readonly Spelling[] = ['">', "string=true>", "string=false>"].map((text) => ({ text, token: "key-end", exact: true }));
const THINK_END: Spelling = { text: "</think>", token: "think-end", exact: true };

const V31: readonly Spelling[] = [
  { text: "<｜tool▁calls▁begin｜>", token: "block-open", exact: true },
  { text: "<｜tool▁call▁begin｜>", token: "call-open", exact: true },
  { text: "<｜tool▁sep｜>", token: "name-end", exact: true },
  { text: "<｜tool▁call▁end｜>", token: "call-close", exact: true },
  { text: "<｜tool▁calls▁end｜>", token: "block-close", exact: true },
];

function dsmlTags(marker: string, [block, call, parameter]: readonly [string, string, string], exact: boolean): Spelling[] {
  return [
    { text: `<${marker}${block}>`, token: "block-open", exact },
    { text: `</${marker}${block}>`, token: "block-close", exact },
    { text: `<${marker}${call} name="`, token: "call-open", exact },
    { text: `</${marker}${call}>`, token: "call-close", exact },
    { text: `<${marker}${parameter} name="`, token: "key-open", exact },
    { text: `</${marker}${parameter}>`, token: "value-end", exact },
  ];
}

function spellings(dialect: DialectName, repair: boolean): Spelling[] {
  if (dialect === "v3.1") return [THINK_END, ...V31];
  const found = new Map<string, Spelling>();
  if (repair) {
    const names = Object.values(TAGS).flatMap((tags) => [tags, tags.map((tag) => (tag.startsWith(" ") ? tag.slice(1) : ` ${tag}`))]);
    for (const marker of MISTYPED_MARKERS)
      for (const tags of names) for (const tag of dsmlTags(marker, tags as [string, string, string], false)) found.set(tag.text, tag);
  }
  for (const tag of dsmlTags(MARKER, TAGS[dialect], true)) found.set(tag.text, tag);
  return [THINK_END, NAME_END, ...KEY_END, ...found.values()];
}

/** The tokens of one dialect and the searches for them. */
export class Lexicon {
  /** What starts every tag of tool calls; seen whole, it is no ordinary text. */
  readonly marker: string;
  /** How a call's arguments begin. */
  readonly argumentState: "arguments" | "json";
  readonly #spellings: readonly Spelling[];
  readonly #finders = new Map<string, Finder>();

  private constructor(dialect: DialectName, repair: boolean) {
    this.marker = dialect === "v3.1" ? V31[0].text : `<${MARKER}`;
    this.argumentState = dialect === "v3.1" ? "json" : "arguments";
    this.#spellings = spellings(dialect, repair);
  }

  static readonly #known = new Map<string, Lexicon>();

  /** `repair`: also recognise mistyped tags (only wise when the tool names are known, see `machine.ts`). */
  static of(dialect: DialectName, repair: boolean): Lexicon {
    const key = `${dialect} ${repair}`;
    let lexicon = Lexicon.#known.get(key);
    if (lexicon === undefined) Lexicon.#known.set(key, (lexicon = new Lexicon(dialect, repair)));
    return lexicon;
  }

  /** The search for the tokens of `state`. */
  finder(state: State, hearing: Hearing): Finder {
    const key = `${state} ${hearing}`;
    let finder = this.#finders.get(key);
    if (finder === undefined) {
      const { regular, repair } = STATES[state];
      const tokens: Token[] = hearing === "plain" ? ["think-end"] : [...regular, ...repair, ...(hearing === "quoted" ? TAG_TOKENS : [])];
      finder = new PatternFinder(this.#spellings.filter((s) => tokens.includes(s.token) && (s.exact || hearing === "any")));
      this.#finders.set(key, finder);
    }
    return finder;
  }
}
