import type { Command } from "../command.ts";
import { bench } from "./bench.ts";
import { chat } from "./chat.ts";
import { evaluation } from "./eval.ts";
import { inspect } from "./inspect.ts";
import { logits } from "./logits.ts";
import { pull } from "./pull.ts";
import { render } from "./render.ts";
import { run } from "./run.ts";
import { start } from "./start.ts";
import { synth } from "./synth.ts";
import { tokenize } from "./tokenize.ts";

/** All commands, in the order in which people meet them. */
export const COMMANDS: readonly Command[] = [start, chat, run, inspect, pull, tokenize, render, logits, evaluation, bench, synth];
