"""Makes `tokenizer.json` and its companions.

DeepSeek's pre-tokenizer and control-token spellings over a small byte-level BPE.
The merges are learned from the generated conversations with all digits cut out,
so no merge can ever contain a digit: the model sees every digit as one token.
"""
import argparse
import json
import os
import random
import re

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from data import BASIC, conversation

PASSES = [
    r"\p{N}{1,3}",
    "[一-龥぀-ゟ゠-ヿ]+",
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+""",
]
FIRST = ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜▁pad▁｜>"]
SPECIAL = """<｜fim▁hole｜> <｜fim▁begin｜> <｜fim▁end｜> <｜User｜> <｜Assistant｜> <|EOT|>
<｜tool▁calls▁begin｜> <｜tool▁calls▁end｜> <｜tool▁call▁begin｜> <｜tool▁call▁end｜> <｜tool▁outputs▁begin｜>
<｜tool▁outputs▁end｜> <｜tool▁output▁begin｜> <｜tool▁output▁end｜> <｜tool▁sep｜>""".split()
PLAIN_ADDED = """<think> </think> ｜DSML｜""".split()
TASKS = """<｜latest_reminder｜> <｜action｜> <｜query｜> <｜authority｜> <｜domain｜> <｜title｜> <｜read_url｜>""".split()


def build(vocab_size, examples=20000):
    added = len(FIRST) + len(SPECIAL) + len(PLAIN_ADDED) + len(TASKS)
    rng = random.Random("tokenizer")
    texts = []
    for _ in range(examples):
        for kind, text in conversation(rng, BASIC):
            if kind in ("text", "learn"):
                texts += [t for t in re.split(r"\d", text) if t]
    # Everyday English that the generator never says, so that other wordings stay short.
    texts += EXTRA.split("\n") * 40
    pre = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(p), "isolated") for p in PASSES]
        + [pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = pre
    learner.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=vocab_size - added - 4, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False))
    learned = json.loads(learner.to_str())["model"]

    # Control tokens that sit first have ids 0..2, as in the official vocabulary.
    vocab = {t: i for i, t in enumerate(FIRST)}
    for token, _ in sorted(learned["vocab"].items(), key=lambda kv: kv[1]):
        vocab[token] = len(vocab)
    assert not any(c.isdigit() for m in learned["merges"] for part in m for c in part if ord(c) < 128)
    tok = Tokenizer(models.BPE(vocab=vocab, merges=[tuple(m) for m in learned["merges"]], fuse_unk=False, byte_fallback=False))
    tok.pre_tokenizer = pre
    tok.decoder = decoders.ByteLevel(add_prefix_space=True, trim_offsets=True, use_regex=True)
    tok.post_processor = processors.ByteLevel(add_prefix_space=True, trim_offsets=False, use_regex=True)
    tok.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in FIRST])
    rest = vocab_size - len(vocab) - len(SPECIAL) - len(PLAIN_ADDED) - len(TASKS)
    assert rest >= 0, rest
    tok.add_tokens([AddedToken(f"<｜place▁holder▁no▁{i}｜>", special=False, normalized=False) for i in range(rest)])
    for t in SPECIAL:
        tok.add_special_tokens([AddedToken(t, special=True, normalized=False)])
    for t in PLAIN_ADDED:
        tok.add_tokens([AddedToken(t, special=False, normalized=False)])
    for t in TASKS:
        tok.add_special_tokens([AddedToken(t, special=True, normalized=False)])
    assert tok.get_vocab_size() == vocab_size
    return tok


EXTRA = """the of and to in is you that it he was for on are as with his they at be this have from or one had by word but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first water been call who oil its now find long down day did get come made may part
please help me find out how many I will have after that together total left remain answer question calculate compute minus plus equals result value numbers add subtract difference sum
{"name": "value", "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
<tool_result></tool_result> ## Tools invoke name parameter string="true" function calls"""


def write_json(path, value):
    with open(path + ".tmp", "w", encoding="utf-8") as f:
        json.dump(value, f, ensure_ascii=False, indent=2)
        f.write("\n")
    os.replace(path + ".tmp", path)


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("out", help="model folder")
    ap.add_argument("--vocab-size", type=int, default=640)
    ap.add_argument("--context", type=int, default=4096)
    args = ap.parse_args()
    os.makedirs(args.out, exist_ok=True)
    tok = build(args.vocab_size)
    tok.save(os.path.join(args.out, "tokenizer.json"))
    token = lambda t: {"__type": "AddedToken", "content": t, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False}
    write_json(os.path.join(args.out, "tokenizer_config.json"), {
        "add_bos_token": True, "add_eos_token": False,
        "bos_token": token(FIRST[0]), "clean_up_tokenization_spaces": False,
        "eos_token": token(FIRST[1]), "legacy": True, "model_max_length": args.context,
        "pad_token": token(FIRST[2]), "sp_model_kwargs": {}, "unk_token": None,
        "tokenizer_class": "PreTrainedTokenizerFast"})
    write_json(os.path.join(args.out, "generation_config.json"), {
        "_from_model_config": True, "bos_token_id": 0, "eos_token_id": 1,
        "do_sample": False, "transformers_version": "4.57.1"})


if __name__ == "__main__":
    main()
