/**
 * Every error Tandem can raise, in one table: a stable code, what happened, and what to do next.
 * Tests assert the code, never the wording. `message` receives the details given at the throw site.
 */

type Details = Readonly<Record<string, unknown>>;
interface ErrorEntry {
  /** What happened, with its cause, in one sentence. */
  readonly message: (d: Details) => string;
  /** What the user can do about it. */
  readonly next: string;
}

/** Rows are grouped by the room that raises them; keep them so. */
// biome-ignore format: a table, one error a row
export const ERRORS = {
  // command line
  "cli/unknown-command": { message: (d) => `There is no command ${JSON.stringify(d.command)}.${d.nearest ? ` Did you mean "${d.nearest}"?` : ""}`, next: "Run `tandem --help` for the list of commands." },
  "cli/bad-argument": { message: (d) => `${d.reason}`, next: "Run `tandem COMMAND --help` for what the command takes." },
  "cli/bad-chat-command": { message: (d) => `${d.reason}`, next: "Type /help for the commands of the chat." },
  "cli/file-exists": { message: (d) => `${d.file} is already there.`, next: "Choose another name, or remove the file first." },

  // checkpoint: what is wrong with a safetensors header
  "checkpoint/truncated-header": { message: (d) => `${d.file}: the file ends inside its header (${d.size} bytes, ${d.needed} needed).`, next: "The download is incomplete: fetch the file again." },
  "checkpoint/header-too-large": { message: (d) => `${d.file}: the header claims ${d.length} bytes; the limit is ${d.limit}.`, next: "This is not a safetensors file, or a hostile one. Do not use it." },
  "checkpoint/header-not-utf8": { message: (d) => `${d.file}: the header is not UTF-8.`, next: "This is not a safetensors file, or a damaged one: fetch it again." },
  "checkpoint/header-not-json": { message: (d) => `${d.file}: the header is not a JSON object: ${d.reason}.`, next: "This is not a safetensors file, or a damaged one: fetch it again." },
  "checkpoint/too-many-tensors": { message: (d) => `${d.file}: more than ${d.limit} tensors.`, next: "No known model has so many. Do not use this file." },
  "checkpoint/bad-metadata": { message: (d) => `${d.file}: __metadata__ ${d.reason}.`, next: "The file was written by a faulty program: get it from another source." },
  "checkpoint/bad-name": { message: (d) => `${d.file}: the tensor name ${d.name} ${d.reason}.`, next: "The file was written by a faulty program: get it from another source." },
  "checkpoint/bad-entry": { message: (d) => `${d.file}: tensor "${d.name}" ${d.reason}.`, next: "The file was written by a faulty program: get it from another source." },
  "checkpoint/unknown-dtype": { message: (d) => `${d.file}: tensor "${d.name}" has the dtype ${d.dtype}. Tandem reads ${d.known}.`, next: "Convert the checkpoint to one of these types." },
  "checkpoint/bad-shape": { message: (d) => `${d.file}: tensor "${d.name}" has a bad shape: ${d.reason}.`, next: "The file is damaged or hostile: fetch it again from a source you trust." },
  "checkpoint/bad-offsets": { message: (d) => `${d.file}: tensor "${d.name}" has bad data_offsets: ${d.reason}.`, next: "The file is damaged or hostile: fetch it again from a source you trust." },
  "checkpoint/wrong-byte-length": { message: (d) => `${d.file}: tensor "${d.name}" has ${d.actual} bytes, but its shape and dtype need ${d.expected}.`, next: "The file is damaged or hostile: fetch it again from a source you trust." },
  "checkpoint/duplicate-tensor": { message: (d) => `${d.file}: tensor "${d.name}" appears twice${d.other === undefined ? "" : ` (also in ${d.other})`}.`, next: "Which one is meant cannot be known: get the checkpoint from another source." },
  "checkpoint/overlapping-tensors": { message: (d) => `${d.file}: the bytes of "${d.name}" overlap those of "${d.other}".`, next: "The file is damaged or hostile: fetch it again from a source you trust." },
  "checkpoint/gap": { message: (d) => `${d.file}: ${d.bytes} bytes before "${d.name}" belong to no tensor.`, next: "The safetensors format forbids holes: write the file again with a conforming program." },
  "checkpoint/range-outside-file": { message: (d) => `${d.file}: tensor "${d.name}" ends at byte ${d.end}, but the file has ${d.size}.`, next: "The download is incomplete, or the file is hostile: fetch it again." },
  "checkpoint/trailing-bytes": { message: (d) => `${d.file}: ${d.bytes} bytes after the last tensor belong to no tensor.`, next: "The safetensors format forbids them: fetch the file again." },

  // checkpoint: folders, indexes, reading
  "checkpoint/not-a-checkpoint": { message: (d) => `${d.location}: ${d.reason}.`, next: "Name a folder with config.json and safetensors files, or run `tandem pull ORG/NAME`." },
  "checkpoint/bad-config": { message: (d) => `${d.location}: config.json ${d.reason}.`, next: "Fetch config.json again from the model's page." },
  "checkpoint/bad-index": { message: (d) => `${d.file}: ${d.reason}.`, next: "Fetch the index again from the model's page." },
  "checkpoint/unsafe-path": { message: (d) => `The file name ${d.path} leaves its folder or is not portable.`, next: "The checkpoint is hostile or damaged. Do not use it." },
  "checkpoint/too-many-shards": { message: (d) => `${d.file}: more than ${d.limit} shards.`, next: "No known model has so many. Do not use this checkpoint." },
  "checkpoint/shard-missing": { message: (d) => `${d.location}: the index names ${d.file}, which is not there.`, next: "Complete the checkpoint: `tandem pull` fetches what is missing." },
  "checkpoint/tensor-missing": { message: (d) => `${d.file}: the index promises tensor "${d.name}" here, but the shard does not have it.`, next: "Index and shards belong to different checkpoints: fetch both again." },
  "checkpoint/tensor-not-in-index": { message: (d) => `${d.file}: the shard has tensor "${d.name}", which the index does not place there.`, next: "Index and shards belong to different checkpoints: fetch both again." },
  "checkpoint/file-too-large": { message: (d) => `${d.file} has ${d.size} bytes; the limit is ${d.limit}.`, next: "No known model has so large a file of this kind. Do not use it." },
  "checkpoint/bad-range": { message: (d) => `${d.name}: bytes ${d.offset} to ${d.offset}+${d.length} were asked for, of ${d.size}.`, next: "Ask for a range inside the tensor." },
  "checkpoint/short-read": { message: (d) => `${d.file}: ${d.length} bytes at ${d.offset} were promised, the file ended after ${d.got}.`, next: "The file changed while it was in use: fetch it again and restart." },
  "checkpoint/changed": { message: (d) => `${d.file} was written to while it was being read.`, next: "Wait until whatever writes it is done, then load the model again." },
  "checkpoint/headers-only": { message: (d) => `${d.file}: the checkpoint was opened for its headers only; the data of "${d.name}" is not there.`, next: "Open a complete checkpoint." },

  // checkpoint: writing
  "checkpoint/write-failed": { message: (d) => `Writing ${d.file} failed: ${d.reason}`, next: "Check free space and permissions; nothing half-written was left under the final name." },

  // synth: random checkpoints
  "synth/bad-option": { message: (d) => `${d.option} is ${d.value}; expected ${d.expected}.`, next: "Correct the option; `tandem synth --help` says what it takes." },
  "synth/not-empty": { message: (d) => `${d.folder} is not empty.`, next: "Name another folder, or give --force to replace the checkpoint in this one." },
  "synth/no-space": { message: (d) => `${d.folder} has ${d.free} bytes free; the checkpoint needs ${d.needed}.`, next: "Free some space, choose another disk, or make a smaller model with --scale." },
  "synth/aborted": { message: () => "The writing was stopped; no checkpoint was left behind.", next: "Run the command again to start over." },

  // hub: pulling models
  "hub/bad-name": { message: (d) => `${d.name} is not a model name or revision.`, next: "Write ORG/NAME or ORG/NAME@REVISION, or the path of a folder." },
  "hub/not-cached": { message: (d) => `${d.name} is neither a folder nor a model in the cache (${d.cache}).`, next: "Run `tandem pull ORG/NAME` first." },
  "hub/incomplete": { message: (d) => `The cached model ${d.name} is incomplete: ${d.missing} is missing.`, next: "Run `tandem pull ORG/NAME` again; it continues where it stopped." },
  "hub/not-found": { message: (d) => `The hub has no ${d.what}.`, next: "Check the spelling of the model and of its revision." },
  "hub/unauthorized": { message: (d) => `The hub refuses access to ${d.what}: the model is private, gated or does not exist.`, next: "Accept the model's terms on its page and set HF_TOKEN." },
  "hub/insecure": { message: (d) => `${d.reason}.`, next: "Use an https address for the hub." },
  "hub/unreachable": { message: (d) => `The hub could not deliver ${d.what}: ${d.reason}`, next: "Check the connection and run the command again; it continues where it stopped." },
  "hub/bad-response": { message: (d) => `The hub's answer about ${d.what} makes no sense: ${d.reason}.`, next: "Check HF_ENDPOINT, or try another mirror." },
  "hub/changed": { message: (d) => `${d.what} changed on the hub while it was being downloaded.`, next: "Run the command again to fetch the new version." },
  "hub/hash-mismatch": { message: (d) => `${d.what} arrived with the wrong contents (hash ${d.actual}, ${d.expected} was promised).`, next: "The bytes were discarded. Run the command again, or try another mirror." },
  "hub/no-space": { message: (d) => `${d.folder} has ${d.free} bytes free; the download needs ${d.needed}.`, next: "Free some space, or set HF_HUB_CACHE to a larger disk." },
  "hub/aborted": { message: () => "The download was stopped.", next: "Run the command again; it continues where it stopped." },

  // text: tokenizer, JSON, dialects
  "text/tokenizer-invalid": { message: (d) => `The tokenizer.json cannot be used: ${d.reason}.`, next: "Download the file again from the model's repository." },
  "text/tokenizer-limit": { message: (d) => `The tokenizer.json is too large: ${d.what}: ${d.value}, limit ${d.limit}.`, next: "Use the tokenizer.json of a DeepSeek model." },
  "text/tokenizer-unsupported": { message: (d) => `The tokenizer.json uses something no DeepSeek tokenizer does: ${d.what}.`, next: "Use the tokenizer.json of a DeepSeek model." },
  "text/unknown-control": { message: (d) => `The tokenizer has no control token ${d.spelling}.`, next: "Check that the tokenizer.json and the prompt dialect belong to the same model." },
  "text/unknown-id": { message: (d) => `There is no token with id ${d.id}; the tokenizer has ids below ${d.size}, with gaps.`, next: "Check that the tokenizer.json belongs to the model." },
  "text/too-long": { message: (d) => `A text of ${d.value} characters is longer than the limit of ${d.limit}.`, next: "Send a shorter text." },
  "text/json-invalid": { message: (d) => `Not valid JSON at character ${d.at}: ${d.reason}.`, next: "Send well-formed JSON." },
  "text/json-depth": { message: (d) => `JSON nested deeper than ${d.limit} levels.`, next: "Flatten the value." },
  "text/unknown-dialect": { message: (d) => `There is no prompt dialect "${d.name}".`, next: "Use one of v3.1, v3.2, v4, v4-0731, v4.1." },
  "text/no-dialect": { message: (d) => `The prompt dialect of this checkpoint is not known: ${d.reason}.`, next: "Name the dialect explicitly: v3.1, v3.2, v4, v4-0731 or v4.1." },
  "text/bad-conversation": { message: (d) => `The conversation cannot be written down: ${d.reason}.`, next: "Correct the messages." },
  "text/unknown-effort": { message: (d) => `${d.dialect} has no reasoning effort ${JSON.stringify(d.value)}.`, next: "Use one of the efforts the dialect lists." },
  "text/bad-tool-choice": { message: (d) => `The tool choice cannot be honoured: ${d.reason}.`, next: "Use `auto`, or change the request as the reason says." },
  "text/bad-tool": { message: (d) => `The tool ${JSON.stringify(d.name)} cannot be offered: ${d.reason}.`, next: "Correct the tool definitions." },
  "text/not-in-dialect": { message: (d) => `${d.dialect} cannot express ${d.what}.`, next: "Leave it out, or use a model whose dialect has it." },

  // formats
  "formats/unknown": { message: (d) => `There is no ${d.kind} "${d.name}". There are ${d.known}.`, next: "Use one of these names; case matters." },
  "formats/length": { message: (d) => `${d.what}: expected ${d.expected}, got ${d.actual}.`, next: "Pass the array's real rows and columns; arrays are row-major." },

  // models
  "model/unsupported-architecture": { message: (d) => `Tandem does not run the architecture ${d.architecture}.`, next: "It runs DeepseekV4ForCausalLM checkpoints; `tandem inspect` still lists the tensors of others." },
  "model/bad-config": { message: (d) => `${d.field} ${d.reason}.`, next: "Fetch config.json again from the model's page; if it is genuine, this variant is not supported yet." },
  "model/missing-tensor": { message: (d) => `The checkpoint has no tensor "${d.name}" of shape ${JSON.stringify(d.shape)}.`, next: "Run `tandem inspect` for all that is missing; complete the download with `tandem pull`." },
  "model/wrong-tensor": { message: (d) => `Tensor "${d.name}" is ${d.type} ${JSON.stringify(d.shape)}; the model needs ${d.expected}.`, next: "config.json and weights belong to different models, or the layout is not one Tandem reads." },
  "model/bad-index": { message: (d) => `Tensor "${d.name}": entry ${d.index} is not an index below ${d.limit}.`, next: "The file is damaged: fetch it again." },
  "model/bad-token": { message: (d) => `Token ${d.token} is outside the vocabulary of ${d.vocabulary}.`, next: "Use token ids of this model." },

  // planner
  "plan/does-not-fit": { message: (d) => `${d.location} needs at least ${d.needed} of memory; ${d.limit}. It is made up of: ${d.items}.`, next: "Allow as much with --memory, shorten --context, or use a smaller model or a larger machine; `tandem inspect` says what needs how much." },

  // verify
  "verify/not-comparable": { message: (d) => `The numerics cannot be compared: ${d.reason}.`, next: "Compare complete checkpoints on token ids of the model; `tandem logits MODEL --numerics NAME` shows where a number is none." },

  // eval: skills
  "eval/unknown-skill": { message: (d) => `There is no skill ${JSON.stringify(d.name)}. There are ${d.known}.`, next: "Name skills of this list, with commas between them." },

  // engine
  "engine/prompt-too-long": { message: (d) => `The prompt has ${d.tokens} tokens; the context holds ${d.context}.`, next: "Shorten the conversation (/reset in chat) or load the model with a larger context." },
  "engine/bad-option": { message: (d) => `${d.option} is ${d.value}; expected ${d.expected}.`, next: "Correct the option; Tandem refuses what it cannot honour." },
  "engine/out-of-memory": { message: (d) => `The system gave no further memory (${d.bytes} bytes were asked for).`, next: "Close other programs, use a shorter context, or give a smaller --memory so that more experts stay on disk." },
  "engine/worker-died": { message: (d) => `A worker thread ended unexpectedly: ${d.reason}.`, next: "Load the model again; if it happens again with enough free memory, report it with this message." },
  "engine/experts-do-not-fit": { message: (d) => `One step needs more experts at once than the ${d.slots} there is memory for.`, next: "Give more --memory, or a shorter prompt chunk." },
  "engine/no-tokenizer": { message: (d) => `${d.location} has no tokenizer.json, so there is no text to work with.`, next: "Add the model's tokenizer.json, or use `tandem logits`, which needs none." },
  "engine/no-mtp": { message: () => "This checkpoint has no multi-token-prediction block.", next: "Leave out --mtp." },
  "engine/bad-generation-config": { message: (d) => `${d.location}: generation_config.json is not JSON.`, next: "Fetch it again from the model's page, or delete it." },
  "engine/busy": { message: () => "This session is already answering.", next: "Wait for the answer or cancel it; open another session to work in parallel." },
  "engine/closed": { message: () => "The engine has been closed.", next: "Load it again." },

  // text: parsing output
  "text/empty-stop": { message: () => "A stop string is empty.", next: "Leave it out: an empty stop string would end every answer at once." },

  // bench: measurements
  "bench/aborted": { message: () => "The measurements were stopped.", next: "Run the command again; --quick takes less time." },

  // anywhere
  "io/failed": { message: (d) => `${d.action} failed: ${d.reason}`, next: "Check that the path exists, is readable, and that the disk is not full." },
  internal: { message: (d) => `This should not happen: ${d.reason}`, next: "Please report it with the command and the model's config.json." },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** An error with a code from the table above. */
export class TandemError extends Error {
  readonly code: ErrorCode;
  readonly details: Details;
  readonly next: string;

  constructor(code: ErrorCode, details: Details = {}, options?: ErrorOptions) {
    const entry: ErrorEntry = ERRORS[code];
    super(entry.message(details), options);
    this.name = "TandemError";
    this.code = code;
    this.details = details;
    this.next = entry.next;
  }
}
