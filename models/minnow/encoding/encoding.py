"""Minnow's prompt format, for programs that read the checkpoint without Tandem: the conversation format of DeepSeek-V4-0731.

    from encoding import encode_messages
    text = encode_messages([{"role": "user", "content": "17+25"}], thinking=True, effort="high")
    ids = tokenizer.encode(text, add_special_tokens=False)

Messages are those of the OpenAI chat API, reasoning in `reasoning_content`. Tandem writes the same text (tests/minnow-encoding.test.ts).
What is not here: prefixes to continue, tasks, developer messages, other parts of a message than text.
"""
import json

BOS, EOS = "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"
USER, ASSISTANT = "<｜User｜>", "<｜Assistant｜>"
THINK, END_THINK = "<think>", "</think>"
DSML = "｜DSML｜"

# What stands before everything else when thinking.
REASONING_EFFORT_PROMPTS = {
    "low": "",
    "high": (
        "Reasoning Effort: Absolute maximum with no shortcuts permitted.\n"
        "You MUST be very thorough in your thinking and comprehensively decompose the problem to resolve the root cause, rigorously stress-testing your logic against all potential paths, edge cases, and adversarial scenarios.\n"
        "Explicitly write out your entire deliberation process, documenting every intermediate step, considered alternative, and rejected hypothesis to ensure absolutely no assumption is left unchecked.\n\n"
    ),
    "max": (
        "Reasoning Effort: Beyond maximum — exhaustive, relentless, and uncompromising.\n"
        "You MUST reason with the utmost depth and rigor, leaving absolutely nothing to chance: exhaustively decompose the problem into its most fundamental components, trace every causal chain to its root, and resolve the underlying cause rather than any surface symptom.\n"
        "Do not stop reasoning until you have independently verified the solution from multiple angles and are certain that no assumption remains unchecked and no error remains undiscovered.\n\n"
    ),
}
DEFAULT_EFFORT = "high"

TOOLS = f"""## Tools

You have access to a set of tools to help answer the user's question. You can invoke tools by writing a "<{DSML}tool_calls>" block like the following:

<{DSML}tool_calls>
<{DSML}invoke name="$TOOL_NAME">
<{DSML}parameter name="$PARAMETER_NAME" string="true|false">$PARAMETER_VALUE</{DSML}parameter>
...
</{DSML}invoke>
<{DSML}invoke name="$TOOL_NAME2">
...
</{DSML}invoke>
</{DSML}tool_calls>

String parameters should be specified as is and set `string="true"`. For all other types (numbers, booleans, arrays, objects), pass the value in JSON format and set `string="false"`.

If thinking_mode is enabled (triggered by {THINK}), you MUST output your complete reasoning inside {THINK}...{END_THINK} BEFORE any tool calls or final response.

Otherwise, output directly after {END_THINK} with tool calls or final response.

### Available Tool Schemas

%s

You MUST strictly follow the above defined tool name and parameter schemas to invoke tool calls.
"""
RESPONSE_FORMAT = "## Response Format:\n\nYou MUST strictly adhere to the following schema to reply:\n%s"


def dump(value):
    return json.dumps(value, ensure_ascii=False)


def system_text(messages, tools, response_format):
    parts = [m["content"] for m in messages]
    if not parts and (tools or response_format):
        parts = [""]
    text = "\n\n".join(parts)
    if tools:
        functions = [tool.get("function", tool) for tool in tools]
        lines = [dump({"name": f["name"], "description": f.get("description", ""), "parameters": f.get("parameters", {})}) for f in functions]
        text += "\n\n" + TOOLS % "\n".join(lines)
    if response_format and response_format["type"] != "text":
        schema = response_format["json_schema"]["schema"] if response_format["type"] == "json_schema" else {"type": "json_object"}
        text += "\n\n" + RESPONSE_FORMAT % dump(schema)
    return text


def calls_text(calls):
    if not calls:
        return ""
    out = f"\n\n<{DSML}tool_calls>\n"
    for call in calls:
        function = call.get("function", call)
        arguments = function["arguments"]
        if isinstance(arguments, str):
            arguments = json.loads(arguments)
        lines = [f'<{DSML}parameter name="{key}" string="{str(isinstance(value, str)).lower()}">'
                 f"{value if isinstance(value, str) else dump(value)}</{DSML}parameter>" for key, value in arguments.items()]
        out += f'<{DSML}invoke name="{function["name"]}">\n' + "\n".join(lines) + f"\n</{DSML}invoke>\n"
    return out + f"</{DSML}tool_calls>"


def merged(messages):
    """Turns: user messages and tool results that follow each other are one; results in the order of the calls they answer."""
    turns, order = [], {}
    for m in messages:
        if m["role"] == "assistant":
            calls = m.get("tool_calls") or []
            if calls:
                order = {call["id"]: i for i, call in enumerate(calls) if call.get("id")}
            turns.append((m, None))
            continue
        result = m["role"] == "tool"
        text = f"<tool_result>{m['content']}</tool_result>" if result else m["content"]
        if not turns or turns[-1][1] is None:
            turns.append((None, []))
        turns[-1][1].append((result, order.get(m.get("tool_call_id"), 0), text))
    for _, blocks in turns:
        places = [i for i, (result, *_) in enumerate(blocks or []) if result]
        for i, block in zip(places, sorted((blocks[i] for i in places), key=lambda b: b[1])):
            blocks[i] = block
    return [(m, blocks and "\n\n".join(text for *_, text in blocks)) for m, blocks in turns]


def encode_messages(messages, thinking=True, effort=DEFAULT_EFFORT, tools=None, response_format=None):
    """The prompt as text, up to where the answer begins."""
    first = next((i for i, m in enumerate(messages) if m["role"] != "system"), len(messages))
    turns = merged(messages[first:])
    # Earlier reasoning is shown only while tools are in use.
    keep_all = bool(tools)
    last_user = max((i for i, (m, _) in enumerate(turns) if m is None), default=-1)
    text = BOS + (REASONING_EFFORT_PROMPTS[effort] if thinking else "") + system_text(messages[:first], tools, response_format)
    for i, (message, said) in enumerate(turns):
        if message is None:
            text += USER + said
        else:
            kept = thinking and (keep_all or i > last_user)
            text += ASSISTANT + (THINK + (message.get("reasoning_content") or "") if kept else "") + END_THINK
            text += (message.get("content") or "") + calls_text(message.get("tool_calls")) + EOS
    return text + ASSISTANT + (THINK if thinking else END_THINK)
