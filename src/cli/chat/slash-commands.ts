import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { publish, writeAll } from "../../checkpoint/publish-node.ts";
import { TandemError } from "../../errors.ts";
import { messageToOpenAI } from "../../text/openai-messages.ts";
import { effortFrom } from "../answer-options.ts";
import { nearest } from "../nearest.ts";
import { harmless } from "../style.ts";
import { plural, table } from "../text.ts";
import type { Chat } from "./chat.ts";

interface SlashCommand {
  readonly name: string;
  readonly argument?: string;
  readonly about: string;
  /** Returns what to reply. */
  run(chat: Chat, argument: string): string | Promise<string>;
}

const badCommand = (reason: string): TandemError => new TandemError("cli/bad-chat-command", { reason });

/** Effort, thinking mode and system message stand at the start of the prompt, before everything computed so far. */
const RECOMPUTED = "; the conversation so far will be read again";
const onceMore = (chat: Chat): string => (chat.session.messages.length > 0 ? RECOMPUTED : "");

const COMMANDS: readonly SlashCommand[] = [
  {
    name: "think",
    about: "think before answering",
    run(chat) {
      chat.options = { ...chat.options, thinking: true };
      return "thinking";
    },
  },
  {
    name: "nothink",
    about: "answer at once",
    run(chat) {
      chat.options = { ...chat.options, thinking: false };
      return "not thinking";
    },
  },
  {
    name: "effort",
    argument: "X",
    about: "how thoroughly to think",
    run(chat, argument) {
      const { dialect } = chat.engine.text!;
      const { names, numeric } = dialect.efforts;
      const listed = [...names, ...(numeric ? ["1 to 100"] : [])].join(", ") || "none at all";
      if (argument === "") return `efforts: ${listed}`;
      const effort = effortFrom(argument)!;
      const known = typeof effort === "number" ? numeric && effort >= 1 && effort <= 100 : names.includes(effort);
      if (!known) throw badCommand(`The dialect ${dialect.name} has no effort ${effort}, but ${listed}.`);
      chat.options = { ...chat.options, effort };
      return `effort ${effort}${onceMore(chat)}`;
    },
  },
  {
    name: "system",
    argument: "TEXT",
    about: "set the system message; without TEXT remove it",
    run(chat, argument) {
      chat.setSystem(argument);
      return `system message ${argument === "" ? "removed" : "set"}${onceMore(chat)}`;
    },
  },
  {
    name: "reset",
    about: "forget the conversation, keep the system message",
    run(chat) {
      const [first] = chat.session.messages;
      chat.session.reset(first?.role === "system" ? [first] : []);
      return "a new conversation";
    },
  },
  {
    name: "save",
    argument: "FILE",
    about: "write the messages as JSON, for --messages and render",
    run: save,
  },
  {
    name: "fold",
    about: "fold the thinking away when it is over, or show it again",
    run(chat) {
      chat.folded = !chat.folded;
      if (chat.folded) return "thinking will be folded";
      return harmless(chat.lastReasoning) || "thinking will be shown";
    },
  },
  { name: "help", about: "this list", run: () => helpText() },
  {
    name: "quit",
    about: "leave",
    run(chat) {
      chat.quit();
      return "";
    },
  },
];

const helpText = (): string =>
  [
    ...table(
      COMMANDS.map(({ name, argument, about }) => [`/${name}${argument ? ` ${argument}` : ""}`, about]),
      "ll",
      "",
    ),
    "A line that ends with \\ goes on in the next; pasted lines stay together.",
    "A space before / sends the line to the model.",
  ].join("\n");

/** Errors: `cli/bad-chat-command`, and whatever the command raises. */
export async function runSlashCommand(chat: Chat, line: string): Promise<string> {
  const [, name = "", argument = ""] = /^\/(\S*)\s*(.*)$/s.exec(line)!;
  const command = COMMANDS.find((c) => c.name === name);
  if (command) return command.run(chat, argument.trim());
  const known = nearest(
    name,
    COMMANDS.map((c) => c.name),
  );
  throw badCommand(`There is no command /${name}.${known ? ` Did you mean /${known}?` : ""}`);
}

async function save(chat: Chat, argument: string): Promise<string> {
  if (argument === "") throw badCommand("/save needs a file name.");
  const path = resolve(argument);
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  if (exists && !chat.written.has(path)) throw new TandemError("cli/file-exists", { file: path });
  const { messages } = chat.session;
  const text = `${JSON.stringify(messages.map(messageToOpenAI), null, 2)}\n`;
  await publish([{ path, write: (file) => writeAll(file, new TextEncoder().encode(text)) }]);
  chat.written.add(path);
  return `${plural(messages.length, "message")} in ${path}`;
}
