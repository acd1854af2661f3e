import type { Answer, Failure, Form, Report } from "../eval/index.ts";
import { harmless } from "./style.ts";
import { grouped, table } from "./text.ts";

const percent = (ratio: number): string => (100 * ratio).toFixed(1);

const formText = ({ thinking, effort }: Form): string => (thinking ? `thinking${effort ? ` ${effort}` : ""}` : "no thinking");
const skillText = ({ skill, length }: Form): string => (length === undefined ? skill : `${skill} ${grouped(length)}`);

/** The report as a table, a row for each way of asking a skill. */
export function reportTable({ rows, drafts }: Report): string {
  const head = ["skill", "", "right", "asked", "%", "95 % interval", "tokens/answer", "tokens/s"];
  const body = rows.map((row) => [
    skillText(row),
    formText(row),
    String(row.right),
    String(row.asked),
    percent(row.right / row.asked),
    row.interval.map(percent).join("–"),
    row.tokensPerAnswer.toFixed(1),
    row.tokensPerSecond.toFixed(0),
  ]);
  const foot = drafts?.drafted
    ? [["MTP drafts", "accepted", String(drafts.accepted), String(drafts.drafted), percent(drafts.accepted / drafts.drafted)]]
    : [];
  return table([head, ...body, ...foot], "llrrrrrr").join("\n");
}

/** A wrong answer: the question, what was said, what is right. */
export function failureText(failure: Failure): string {
  const { example, given, why } = failure;
  const asked = example.messages.map(({ content }) => (typeof content === "string" ? content : "")).filter(Boolean);
  return harmless(
    [
      `${skillText(failure)}, ${formText(failure)}: ${why}`,
      `  asked: ${shortened(asked.join(" | "))}`,
      `  said:  ${answerText(given)}`,
      `  right: ${answerText(example.answer)}`,
    ].join("\n"),
  );
}

const answerText = ({ reasoning, content, toolCalls = [] }: Answer): string =>
  [...(reasoning ? [`(${reasoning})`] : []), content, ...toolCalls.map((call) => `${call.name} ${call.arguments}`)]
    .filter(Boolean)
    .join(" ")
    .replaceAll("\n", " / ");

/** Long prompts by their ends: the question is mostly the last. */
const shortened = (text: string): string =>
  (text.length > 400 ? `${text.slice(0, 150)} … ${text.slice(-200)}` : text).replaceAll("\n", " / ");
