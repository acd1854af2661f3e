"""Writes tests/fixtures/text/output-recipe.json: answers parsed by DeepSeek's own streaming parser.

Oracle: PyPI deepseek-recipe 0.2.0, StreamProcessor with the Messages generator (its content blocks keep reasoning, text and calls apart).
Each case is fed whole and character by character; the script stops if the two differ.

Only what the two parsers are meant to agree on is here. Where ours differs on purpose (tests/text/output-malformed.test.ts):
  the marker alone in text or in thinking (theirs: everything after it is lost), a stop string inside a tag or its line breaks (theirs:
  matches), tags of the other dialect (theirs: accepted), a JSON body in a call (theirs: `{}`), a parameter without `string` (theirs:
  broken JSON), a value that is no JSON (theirs: broken JSON), a repeated parameter (theirs: a repeated key), a parameter name with a
  space (theirs, in 0.2.0: broken JSON), line breaks in front of a tag but behind the beginning of one, as in "<\\n\\n</think>" (theirs:
  one of them stays), an unfinished call (theirs: half a call, given out as a call).

Run: python scripts/oracles/output.py
"""

import json
import pathlib
import random
import re

import deepseek_recipe as recipe

STAGES = {"reasoning": recipe.ThinkingInitialStage.ReasoningStart, "content": None, "tool-calls": None}
CONTINUES = {"reasoning": recipe.ThinkingInitialStage.ReasoningContinuation, "content": recipe.ThinkingInitialStage.ContentContinuation}
TAGS = {"v4": ("tool_calls", "invoke", "parameter"), "v4.1": (" calls", " invoke", " parameter"), "v3.2": ("function_calls", "invoke", "parameter")}


def parse(chunks, start, continues, stop):
    stage = CONTINUES[start] if continues else STAGES[start]
    options = recipe.ParsingOptions(starts_in_tool_calls=start == "tool-calls", thinking_initial_stage=stage, stop_sequences=stop)
    processor = recipe.StreamProcessor(recipe.MessagesChunkGenerator("id", "model", stage is not None), options)
    events = processor.push(recipe.InferenceChunk.ready())
    for chunk in [recipe.InferenceChunk.text(text, 1) for text in chunks] + [recipe.InferenceChunk.finish(recipe.InferenceFinishReason.Stop)]:
        if not processor.finished:
            events += processor.push(chunk)
    if not processor.finished:
        events += processor.finish()
    result = {"reasoning": "", "content": "", "calls": [], "stop": None}
    for event in (json.loads(event.to_json()) for event in events):
        if event["type"] == "content_block_start" and event["content_block"]["type"] == "tool_use":
            result["calls"].append({"name": event["content_block"]["name"], "arguments": ""})
        delta = event.get("delta", {})
        result["reasoning"] += delta.get("thinking", "")
        result["content"] += delta.get("text", "")
        if "partial_json" in delta:
            result["calls"][-1]["arguments"] += delta["partial_json"]
        if "stop_sequence" in delta:
            result["stop"] = delta["stop_sequence"]
    return result


def tags(dialect):
    block, invoke, parameter = TAGS[dialect]

    def call(name, *parameters):
        body = "".join(f'<｜DSML｜{parameter} name="{k}" string="{s}">{v}</｜DSML｜{parameter}>\n' for k, s, v in parameters) or "\n"
        return f'<｜DSML｜{invoke} name="{name}">\n{body}</｜DSML｜{invoke}>\n'

    def wrap(*calls):
        return f"<｜DSML｜{block}>\n" + "".join(calls) + f"</｜DSML｜{block}>"

    return call, wrap


def written(dialect):
    """(text, start, continues, stop) by hand: one per rule of the grammar."""
    call, wrap = tags(dialect)
    one = wrap(call("f", ("a", "true", "x")))
    values = ["", " ", "\n", "<", "</", "</｜", "</｜DSM", "<｜", "</div>", '"quoted"', "back\\slash", "\x00\x1f\x7f\u2028", "😀 汉字", "{\"a\": 1}", "</think>"]
    raw = ["1", "1.0", "-0", "1e400", "123456789012345678901234567890", "true", "null", '"s"', "[1, 2.50]", '{"k": {"n": []}}', " 7 ", "\n[\n1\n]\n"]
    cases = [
        ("\n\nthinking\n\n</think>\n\nanswer", "reasoning", False, []),
        ("thinking only\n\n", "reasoning", False, []),
        ("a\n</think>", "reasoning", False, []),
        ("</think>\nanswer\n", "reasoning", False, []),
        ("a</think></think>b</think>c", "reasoning", False, []),
        ("a</think>b\n\n</think>\n\nc", "reasoning", False, []),
        ("a</think>\n</think>\nb", "reasoning", False, []),
        ("<think>a</think>b<think>c", "reasoning", False, []),
        ("\n\nkept", "content", True, []),
        ("\n\nkept</think>\n\nanswer", "reasoning", True, []),
        ("\n\nhello\n\n", "content", False, []),
        ("</think>\n\nx", "content", False, []),
        ("a</thi", "content", False, []),
        ("a <｜DSM", "content", False, []),
        ("a << </ <｜ b", "content", False, []),
        (one, "content", False, []),
        ("answer\n\n" + one, "content", False, []),
        ("answer " + one + "\n", "content", False, []),
        ("t</think>\n\n" + one, "reasoning", False, []),
        ("t</think>answer\n\n" + one, "reasoning", False, []),
        ("forgot to close\n\n" + one, "reasoning", False, []),
        ("\n\n" + one, "reasoning", False, []),
        (one[one.index("\n") + 1 :], "tool-calls", False, []),
        ("\n" + one[one.index("\n") + 1 :], "tool-calls", False, []),
        (wrap(call("f"), call("g", ("a", "true", "x"), ("", "false", "2")), call("f")), "content", False, []),
        ("x" + wrap(call("f")).replace("\n", ""), "content", False, []),
        (wrap(call("名前", ("鍵", "true", "値"))), "content", False, []),
        ("one STOP two", "content", False, ["STOP"]),
        ("one STO", "content", False, ["STOP"]),
        ("think STOP</think>one STOP two", "reasoning", False, ["STOP"]),
        ("one\n\n" + wrap(call("f", ("a", "true", "STOP"))), "content", False, ["STOP"]),
        ("aaab", "content", False, ["aab", "ab"]),
        ("xabcd", "content", False, ["abcd", "bc"]),
        ("a\n\nb", "content", False, ["\n\n"]),
        ("end 😀!", "content", False, ["😀"]),
    ]
    cases += [(wrap(call("f", ("a", "true", value), ("b", "true", value + "z"))), "content", False, []) for value in values]
    cases += [(wrap(call("f", ("a", "false", value))), "content", False, []) for value in raw]
    return cases


def random_case(rng, dialect):
    call, wrap = tags(dialect)
    pieces = ["a", "b ", "\n", "\n\n", "<", "</", "｜", "DSML", "汉", "😀", '"', "\\", ">", "think", "{", "}", "\t", "stop "]
    text = lambda: "".join(rng.choice(pieces) for _ in range(rng.randrange(8)))
    value = lambda: ("true", text()) if rng.random() < 0.6 else ("false", rng.choice(["1", "-2.50", "true", "null", "[]", '{"x": "y"}']))
    out = text() + "</think>" + text() if (thinking := rng.random() < 0.6) else text()
    if rng.random() < 0.7:
        calls = [call(rng.choice(["f", "get_weather"]), *[(f"k{i}", *value()) for i in range(rng.randrange(4))]) for _ in range(rng.randrange(1, 4))]
        out += "\n\n" + wrap(*calls)
    if re.search(r"<[/｜]?\n+<(｜DSML｜|/think>)", out):
        return random_case(rng, dialect)
    return out, "reasoning" if thinking else "content", False, ["stop"] if rng.random() < 0.2 else []


def main():
    rng = random.Random(20260910)
    cases = []
    for dialect in TAGS:
        for text, start, continues, stop in written(dialect) + [random_case(rng, dialect) for _ in range(60)]:
            result = parse([text], start, continues, stop)
            assert result == parse(list(text), start, continues, stop), text
            cases.append({"dialect": dialect, "text": text, "start": start, "continues": continues, "stop": stop, **{"expected": result}})
    path = pathlib.Path(__file__).parents[2] / "tests/fixtures/text/output-recipe.json"
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    path.write_text(f'{{"source": "deepseek-recipe 0.2.0, scripts/oracles/output.py", "cases": [\n{lines}\n]}}\n')
    print(len(cases), "cases")


main()
