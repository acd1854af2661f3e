import type { AnswerOptions, Engine, SessionEvent } from "../engine/index.ts";
import type { Message } from "../text/index.ts";
import { AnswerPrinter } from "./chat/answer-printer.ts";
import { type IO, interruptSignal, printJson, write } from "./io.ts";
import { remarkOnStreaming, streamingOf } from "./streaming.ts";
import { isTerminal, styleFor } from "./style.ts";

/** What shells report for a process that Ctrl-C ended. */
const INTERRUPTED = 130;

/** Lets the model answer, prints the answer and closes the engine; returns the exit status. */
export async function answerOnce(
  engine: Engine,
  messages: readonly Message[],
  given: AnswerOptions,
  io: IO,
  json: boolean,
): Promise<number> {
  // Chosen here, so that it can be told and the answer had again.
  const { seed = Math.floor(Math.random() * 2 ** 32) } = given;
  const started = performance.now();
  const { signal, release } = interruptSignal(io);
  const printer = new AnswerPrinter(
    io,
    json ? {} : { content: io.stdout, remarks: io.stderr, reasoning: isTerminal(io, io.stderr) ? io.stderr : undefined },
  );
  const warnings: string[] = [];
  let finish: Extract<SessionEvent, { type: "finish" }> | undefined;
  try {
    for await (const event of engine.session().send(messages, { ...given, seed, signal })) {
      await printer.show(event);
      if (event.type === "warning") warnings.push(event.kind);
      if (event.type === "finish") finish = event;
    }
  } finally {
    release();
    await engine.close();
  }
  const { reason, usage, message } = finish!;
  if (json) {
    const { reasoning = "", content, toolCalls = [] } = message;
    const seconds = Math.round(performance.now() - started) / 1000;
    const how = { model: engine.location, dialect: engine.text!.dialect.name, numerics: engine.numerics, seed, seconds };
    const streaming = streamingOf(engine);
    await printJson(io, { reasoning, content, toolCalls, usage, finishReason: reason, warnings, ...how, ...(streaming && { streaming }) });
  } else {
    const remark = remarkOn(reason, message);
    if (remark) await write(io.stderr, `${styleFor(io, io.stderr).dim(remark)}\n`);
    await remarkOnStreaming(engine, io);
  }
  return reason === "cancelled" ? INTERRUPTED : 0;
}

/** What a reader should know about how the answer ended. */
export function remarkOn(reason: Extract<SessionEvent, { type: "finish" }>["reason"], { reasoning, content }: Message): string | undefined {
  if (reason === "cancelled") return "(stopped)";
  if (reason !== "length") return undefined;
  return reasoning && !content
    ? "(the tokens ran out while the model was still thinking: allow more with --max-tokens or --context)"
    : "(the tokens ran out: allow more with --max-tokens or --context)";
}
