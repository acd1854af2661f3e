"""Deterministic generator of Minnow's training conversations and test questions.

Everything the model ever reads is made here: arithmetic questions in many English
wordings, the worked-out thinking, the answers, a little small talk and honest
refusals. A `random.Random(seed)` drives all choices.

Held-out rule: about one unordered operand pair in ten (by hash) never occurs in
training in any wording, order or operation. Evaluation uses only those pairs.
"""
import random
from dataclasses import dataclass

CONTROL = {"bos": "<｜begin▁of▁sentence｜>", "eos": "<｜end▁of▁sentence｜>", "user": "<｜User｜>",
           "assistant": "<｜Assistant｜>", "think": "<think>", "end_think": "</think>"}

MAX_EFFORT = ("Reasoning Effort: Absolute maximum with no shortcuts permitted.\nYou MUST be very thorough in your "
              "thinking and comprehensively decompose the problem to resolve the root cause, rigorously "
              "stress-testing your logic against all potential paths, edge cases, and adversarial scenarios.\n"
              "Explicitly write out your entire deliberation process, documenting every intermediate step, considered "
              "alternative, and rejected hypothesis to ensure absolutely no assumption is left unchecked.\n\n")


def held_out(a, b):
    """True for pairs that training never sees (FNV-1a of the sorted pair)."""
    h = 2166136261
    for byte in f"{min(a, b)},{max(a, b)}".encode():
        h = (h ^ byte) * 16777619 % 2 ** 32
    return (h ^ (h >> 15)) % 10 == 0


# -- thinking -----------------------------------------------------------------------
def work_out(a, b, op):
    """The worked solution: pad to three digits, go column by column, read the result."""
    lines = [f"{a:03d}{op}{b:03d}"]
    sign = ""
    if op == "-":
        if a < b:
            a, b, sign, word = b, a, "-", "negative"
        else:
            word = "positive"
        lines[0] += f" {word}: {a:03d}-{b:03d}"
    carry, digits = 0, ""
    for k, place in enumerate(("ones", "tens", "hundreds")):
        x, y = a // 10 ** k % 10, b // 10 ** k % 10
        value = x + y + carry if op == "+" else x - y - carry
        over = value > 9 or value < 0
        flag = ("carry" if op == "+" else "borrow") if over else "ok"
        lines.append(f"{place} {x}{op}{y}{op}{carry}={value % 10} {flag}")
        digits = str(value % 10) + digits
        carry = int(over)
    lines.append(f"={sign}{carry if op == '+' else 0}{digits}")
    return "\n".join(lines)


def answer(a, b, op):
    return f"The answer is {a + b if op == '+' else a - b}."


# -- wordings -----------------------------------------------------------------------
NAMES = ("Tom Anna Ben Mia Sam Lily Max Eva Leo Zoe Jack Nora Ali Ines Omar Kim Raj Sara Paul Lucy Finn Maria John "
         "Emma Noah Ada Hugo Ella Ivan Rosa Peter Alice Bob Carol Dave Mary").split()
THINGS = ("apples books coins stones cards marbles shells stamps eggs pens balls nuts cookies stars toys flowers "
          "pencils candies oranges stickers beads tickets boxes plates chairs bottles fish birds cars points").split()
PLACES = ("box basket shop bag room jar garden library truck drawer farm bus train school warehouse store".split())

ADD = """{a}+{b}|{a} + {b}|{a}+{b}=|{a} + {b} =|{a}+{b}=?|{a} + {b} = ?|{a} +{b}|{a}+ {b}|{a}+{b}?|{a} + {b}?
What is {a}+{b}?|What is {a} + {b}?|What is {a} plus {b}?|What's {a} + {b}?|What's {a}+{b}?|What's {a} plus {b}?|Whats {a} plus {b}
What does {a} + {b} equal?|What does {a} plus {b} equal?|What is the sum of {a} and {b}?|What's the sum of {a} and {b}?|What do you get if you add {a} and {b}?
What do you get when you add {b} to {a}?|What is {a} added to {b}?|What is the result of {a} + {b}?|What is the result of adding {a} and {b}?|What is the total of {a} and {b}?
How much is {a} + {b}?|How much is {a}+{b}?|How much is {a} plus {b}?|How much is {a} and {b}?|How much are {a} and {b} together?|How much do {a} and {b} make?
Add {a} and {b}.|Add {a} and {b}|Add {a} to {b}.|Add {a} plus {b}.|Add {a} + {b}.|Add the numbers {a} and {b}.|Add these: {a}, {b}|Add up {a} and {b}.|Add together {a} and {b}.
Compute {a}+{b}|Compute {a} + {b}.|Compute {a} plus {b}.|Compute the sum of {a} and {b}.|Compute the sum {a} + {b}.
Calculate {a}+{b}|Calculate {a} + {b}.|Calculate {a} plus {b}.|Calculate the sum of {a} and {b}.|Calculate: {a} + {b}|Calculate the total of {a} and {b}.
Sum {a} and {b}.|Sum of {a} and {b}|Sum of {a} and {b}?|The sum of {a} and {b} is?|Sum up {a} and {b}.|Find the sum of {a} and {b}.|Find {a} + {b}.|Find {a} plus {b}.
{a} plus {b}|{a} plus {b}?|{a} plus {b} is?|{a} plus {b} equals?|{a} plus {b} equals what?|{a} plus {b} is what?|{a} and {b} make?|{a} and {b} together?|{a} + {b} equals|{a} + {b} is
Tell me {a} + {b}.|Tell me {a} plus {b}.|Tell me the sum of {a} and {b}.|Give me {a} + {b}.|Give me the sum of {a} and {b}.|Give the sum of {a} and {b}.
Solve {a} + {b}.|Solve: {a}+{b}|Solve {a}+{b}|Evaluate {a} + {b}.|Evaluate {a}+{b}|Work out {a} + {b}.|Work out {a} plus {b}.|Determine {a} + {b}.|Determine the sum of {a} and {b}.
Can you add {a} and {b}?|Could you add {a} and {b}?|Can you calculate {a} + {b}?|Can you compute {a} plus {b}?|Can you tell me what {a} + {b} is?|Can you work out {a}+{b}?|Do you know {a} + {b}?
I have {a} and get {b} more. How many do I have?|Increase {a} by {b}.|What is {b} more than {a}?|What is {a} increased by {b}?|If I add {b} to {a}, what do I get?|Start with {a} and add {b}.
Put {a} and {b} together.|Take {a} and add {b}.|Combine {a} and {b}.|The total of {a} and {b}?|Total of {a} and {b}|What number is {b} more than {a}?|Let's add {a} and {b}.|I need the sum of {a} and {b}."""

SUB = """{a}-{b}|{a} - {b}|{a}-{b}=|{a} - {b} =|{a}-{b}=?|{a} - {b} = ?|{a} -{b}|{a}- {b}|{a}-{b}?|{a} - {b}?
What is {a}-{b}?|What is {a} - {b}?|What is {a} minus {b}?|What's {a} - {b}?|What's {a}-{b}?|What's {a} minus {b}?|Whats {a} minus {b}
What does {a} - {b} equal?|What does {a} minus {b} equal?|What is the result of {a} - {b}?|What is left if you take {b} from {a}?|What do you get if you subtract {b} from {a}?
What do you get when you take {b} away from {a}?|What is {b} subtracted from {a}?|What is {a} take away {b}?|What is {a} less {b}?|What is {b} less than {a}?|What is {a} decreased by {b}?
How much is {a} - {b}?|How much is {a}-{b}?|How much is {a} minus {b}?|How much is left when you take {b} from {a}?|How much is {a} take away {b}?|How much is {a} less {b}?
Subtract {b} from {a}.|Subtract {b} from {a}|Take {b} from {a}.|Take {b} from {a}|Take {b} away from {a}.|Take away {b} from {a}.|Remove {b} from {a}.|Deduct {b} from {a}.|Please subtract {b} from {a}
Compute {a}-{b}|Compute {a} - {b}.|Compute {a} minus {b}.|Compute the difference {a} - {b}.
Calculate {a}-{b}|Calculate {a} - {b}.|Calculate {a} minus {b}.|Calculate: {a} - {b}|Calculate the difference {a} - {b}.|Find {a} - {b}.|Find {a} minus {b}.
{a} minus {b}|{a} minus {b}?|{a} minus {b} is?|{a} minus {b} equals?|{a} minus {b} equals what?|{a} minus {b} is what?|{a} take away {b}|{a} take away {b}?|{a} less {b}|{a} - {b} equals|{a} - {b} is
Tell me {a} - {b}.|Tell me {a} minus {b}.|Give me {a} - {b}.|Give me {a} minus {b}.|Decrease {a} by {b}.|Reduce {a} by {b}.|Lower {a} by {b}.
Solve {a} - {b}.|Solve: {a}-{b}|Solve {a}-{b}|Evaluate {a} - {b}.|Evaluate {a}-{b}|Work out {a} - {b}.|Work out {a} minus {b}.|Determine {a} - {b}.|Determine {a} minus {b}.
Can you subtract {b} from {a}?|Could you subtract {b} from {a}?|Can you calculate {a} - {b}?|Can you compute {a} minus {b}?|Can you tell me what {a} - {b} is?|Can you work out {a}-{b}?|Do you know {a} - {b}?
If I take {b} from {a}, what is left?|Start with {a} and subtract {b}.|Start with {a} and take away {b}.|From {a} subtract {b}.|From {a}, take {b}.|I need {a} minus {b}.|What remains of {a} after taking {b}?"""

DIFFERENCE = """What is the difference between {a} and {b}?|The difference between {a} and {b}|Difference between {a} and {b}?|Find the difference between {a} and {b}.|Find the difference of {a} and {b}.
Calculate the difference between {a} and {b}.|Compute the difference between {a} and {b}.|What's the difference between {a} and {b}?|Tell me the difference between {a} and {b}.|Give me the difference between {a} and {b}.
How much more is {a} than {b}?|How much bigger is {a} than {b}?|How much larger is {a} than {b}?|By how much is {a} greater than {b}?|How far is it from {b} to {a}?|How much must I add to {b} to get {a}?"""

STORY_ADD = """{N} has {a} {t} and gets {b} more. How many {t} does {N} have now?|{N} has {a} {t}. {M} gives {N} {b} more. How many {t} does {N} have?
{N} has {a} {t} and {M} has {b} {t}. How many {t} do they have together?|{N} has {a} {t}, {M} has {b}. How many in total?|There are {a} {t} in the {p}. {N} adds {b}. How many {t} are there now?
{N} found {a} {t} on Monday and {b} on Tuesday. How many {t} is that?|A {p} holds {a} {t} and another {p} holds {b}. How many {t} are there in all?|{N} bought {a} {t} and then {b} more. How many {t} did {N} buy?
There are {a} {t} in one {p} and {b} {t} in another. How many {t} altogether?|{N} counts {a} {t} and then {b} {t}. How many {t} in total?|If {N} has {a} {t} and buys {b} {t}, how many {t} does {N} have?
A {p} has {a} {t}. {b} more arrive. How many {t} are there?"""

STORY_SUB = """{N} has {a} {t} and gives away {b}. How many {t} are left?|{N} has {a} {t} and loses {b}. How many {t} does {N} have left?|{N} had {a} {t} and gave {b} to {M}. How many {t} does {N} have now?
There are {a} {t} in the {p}. {N} takes {b}. How many {t} are left?|{N} had {a} {t} and sold {b}. How many {t} remain?|A {p} has {a} {t}. {b} are removed. How many {t} remain?|{N} has {a} {t} and eats {b} of them. How many {t} are left?
{N} has {a} {t}, {M} has {b}. How many more {t} does {N} have than {M}?|Of {a} {t}, {b} are broken. How many {t} are not broken?|If {N} has {a} {t} and uses {b}, how many {t} are left?|{N} needs {a} {t} and has {b}. How many more does {N} need?
There were {a} {t} in the {p} and {b} were sold. How many {t} are left?"""

FRONT = ["Please ", "please ", "Hey, ", "Hi, ", "Hi! ", "Hello, ", "Hello! ", "Quick question: ", "Question: ", "Now ", "OK, ", "Ok, ",
         "So, ", "And ", "Next: ", "Tell me, ", "Can you tell me: ", "I want to know: ", "Math: ", "My question is: ", "Minnow, ", "Help me: ",
         "Could you please ", "Can you please ", "Would you ", "I would like to know ", "Let me ask: ", "Problem: ", "Hey Minnow, ", "Good morning. "]
BACK = [" Please.", " please", ", please.", ", please?", " Thanks.", " Thanks!", " Thank you.", " Thank you!", " Can you help?", " Show me.",
        " I need it quickly.", " Just the number.", " Give me the answer.", " What is the answer?", " Answer?", " Think carefully.", " Be careful!",
        " Explain.", " Show your work.", " Answer with the number only.", " Thanks in advance."]


def variants(text):
    return [w for line in text.split("\n") for w in line.split("|") if w]


ADD, SUB, DIFFERENCE, STORY_ADD, STORY_SUB = map(variants, (ADD, SUB, DIFFERENCE, STORY_ADD, STORY_SUB))

TALK = [
    (["Hello", "Hello!", "Hi", "Hi!", "Hi there", "Hi there!", "Hey", "Hey!", "hello", "hi", "Good morning", "Good morning!", "Good evening!", "Good day!", "Greetings!"],
     "The user says hello.", "Hello! Give me two whole numbers to add or subtract."),
    (["Who are you?", "who are you", "What are you?", "What is your name?", "What's your name?", "Tell me about yourself.", "Introduce yourself.", "Are you an AI?",
      "Are you a robot?", "Which model are you?", "What model are you?", "Who am I talking to?"],
     "The user asks who I am.", "I am Minnow, a very small language model. I add and subtract whole numbers."),
    (["What can you do?", "what can you do", "Help", "help", "Help me", "How can you help me?", "What do you know?", "What are you good at?", "Can you help me?",
      "What do you do?", "How do you work?", "What are your skills?"],
     "The user asks what I can do.", "I can add and subtract whole numbers up to 999. Try: What is 17 + 25?"),
    (["Thanks", "Thanks!", "Thank you", "Thank you!", "thanks", "thank you", "Thanks a lot!", "Great, thanks!", "Thank you very much.", "Cool, thanks", "Nice work!", "Well done!", "Good job!", "Great!"],
     "The user thanks me.", "You are welcome!"),
    (["Bye", "Bye!", "Goodbye", "Goodbye!", "bye", "See you", "See you later!", "Good night!", "See you tomorrow.", "That is all, bye."],
     "The user says goodbye.", "Goodbye!"),
    (["How are you?", "How are you today?", "how are you", "How is it going?", "How do you do?", "Are you well?"],
     "The user asks how I am.", "I am fine, thank you. Give me two whole numbers to add or subtract."),
]

REFUSE_THOUGHT = "This is not adding or subtracting two numbers."
REFUSAL = "I cannot do that. I only add and subtract two whole numbers up to 999."
OTHER = """What is the capital of France?|What is the capital of Japan?|Write a poem.|Write a poem about the sea.|Tell me a joke.|Tell me a story.|What is the weather today?|What time is it?|Who wrote Hamlet?|Translate hello to French.
Write a program in Python.|Write code.|Fix my code.|Sing a song.|What is the meaning of life?|Who is the president?|How old is the Earth?|What is love?|Explain quantum physics.|Draw a picture.|Give me a recipe for soup.|What color is the sky?
Name three animals.|Summarize this text.|What is a fish?|Why is the sky blue?|Book a flight to Rome.|Play some music.|What day is it?|Where is London?|Who won the game?|Spell banana.|Count to ten.|Is water wet?|List the planets.
What is {x} times {y}?|{x} * {y}|{x}*{y}|{x} x {y}|Multiply {x} by {y}.|What is {x} multiplied by {y}?|{x} / {y}|{x}/{y}|Divide {x} by {y}.|What is {x} divided by {y}?|What is the square root of {x}?|What is {x} squared?|{x} ^ {y}|{x} times {y}
Is {x} a prime number?|What is {x} percent of {y}?|What is half of {x}?|What is the product of {x} and {y}?|{z} + {x}|{z} - {x}|What is {x} + {z}?|Add {z} and {x}.|{x} mod {y}|Is {x} even?|{x} + {y} + {w}|What is {x} + {y} - {w}?|{x}.{y} + {w}"""
OTHER = variants(OTHER)
SYSTEM = ["You are a helpful assistant.", "You are Minnow.", "You are a careful assistant.", "Be brief.", "Answer briefly.", "You are a math tutor.",
          "You are a helpful assistant. Answer in English.", "You help people with numbers.", "Think step by step.", "You are a calculator.",
          "Today is Monday.", "The user is a student.", "Always be polite. Give short answers."]


# -- numbers ------------------------------------------------------------------------
def number(rng, digits):
    n = rng.randint(0 if digits == 1 else 10 ** (digits - 1), 10 ** digits - 1)
    if digits > 1 and rng.random() < 0.06:
        n = n // 10 * 10 if rng.random() < 0.6 else n // 10 ** (digits - 1) * 10 ** (digits - 1)
    return n


SIZES = ((3, 3), (3, 2), (2, 3), (2, 2), (3, 1), (1, 3), (2, 1), (1, 2), (1, 1))
LARGE = (58, 7, 7, 12, 4, 4, 3, 3, 2)   # how often each combination of lengths occurs
SMALL = (20, 7, 7, 36, 6, 6, 7, 7, 6)   # the same for direct answers, which start with easy sums


@dataclass(frozen=True)
class Mix:
    """What the conversations are made of."""
    thinking: float = 0.74       # share that ends in a turn with thinking
    multi: float = 0.055         # share with more than one turn
    close: float = 0.0           # extra share of pairs that begin with the same digits
    near: float = 0.0            # extra share of pairs that differ by little
    minus: float = 0.5           # share of subtractions
    sizes: tuple = LARGE         # lengths of the operands in conversations with thinking
    direct_sizes: tuple = LARGE  # and in those without


BASIC = Mix()                    # the tokenizer learns from this one
EARLY = Mix(direct_sizes=SMALL)
MIDDLE = Mix(thinking=0.68, multi=0.11, close=0.12, direct_sizes=SMALL)
LATE = Mix(thinking=0.80, multi=0.12, close=0.25, direct_sizes=SMALL)
FINAL = Mix(thinking=0.88, multi=0.12, close=0.25, near=0.4, minus=0.57, direct_sizes=SMALL)


def pair(rng, test=False, digits=None, sizes=LARGE, close=0.0, near=0.0):
    """Two operands; training draws avoid the held-out pairs, tests use only them."""
    while True:
        if digits:
            da, db = digits, digits
        else:
            da, db = rng.choices(SIZES, sizes)[0]
        a, b = number(rng, da), number(rng, db)
        if rng.random() < 0.04:
            b = min(999, max(0, a + rng.randint(-12, 12)))
        if close and rng.random() < close:
            unit = 10 if rng.random() < 0.4 else 100
            b = a // unit * unit + rng.randrange(unit)
        elif near and rng.random() < near:
            b = min(999, max(0, a + rng.choice((-1, 1)) * rng.randint(1, 130)))
        if held_out(a, b) == test and (not digits or len(str(b)) == digits):
            return a, b


def restyle(rng, text):
    """Case, punctuation, politeness: the same question as different people type it."""
    x = rng.random()
    if x < 0.14:
        front = rng.choice(FRONT)
        if text[0].isalpha() and rng.random() < 0.8 and not text.startswith("I "):
            text = text[0].lower() + text[1:]
        text = front + text
    if rng.random() < 0.08:
        text += rng.choice(BACK)
    x = rng.random()
    if x < 0.12:
        text = text.lower()
    elif x < 0.15:
        text = text.upper()
    elif x < 0.19:
        text = text[0].lower() + text[1:]
    x = rng.random()
    if x < 0.08:
        text = text.rstrip("?.!")
    elif x < 0.12 and text[-1].isalnum():
        text += rng.choice("?.!")
    elif x < 0.14:
        text += rng.choice((" ", "\n", "!", "??"))
    if rng.random() < 0.01:
        text = " " + text
    if rng.random() < 0.02:
        text = text.replace(" - ", " − ") if rng.random() < 0.5 else text.replace(" - ", " – ")
    return text


def arithmetic(rng, test=False, digits=None, op=None, sizes=LARGE, mix=BASIC):
    """(question, thinking, answer, op)"""
    a, b = pair(rng, test, digits, sizes, mix.close, mix.near)
    op = op or (rng.choice("+-") if mix.minus == 0.5 else "-" if rng.random() < mix.minus else "+")
    x = rng.random()
    if op == "+":
        form = rng.choice(ADD[:10] if x < 0.15 else STORY_ADD if x > 0.90 else ADD)
    else:
        if x > 0.80 or rng.random() < 0.2:
            a, b = max(a, b), min(a, b)
        form = rng.choice(SUB[:10] if x < 0.15 else STORY_SUB if x > 0.90 else DIFFERENCE if x > 0.80 else SUB)
    first, second = rng.sample(NAMES, 2)
    text = form.format(a=a, b=b, N=first, M=second, t=rng.choice(THINGS), p=rng.choice(PLACES))
    return restyle(rng, text), work_out(a, b, op), answer(a, b, op), op


def talk(rng):
    if rng.random() < 0.55:
        asked, thought, reply = rng.choice(TALK)
        return restyle(rng, rng.choice(asked)) if rng.random() < 0.3 else rng.choice(asked), thought, reply
    n = lambda: number(rng, rng.randint(1, 3))
    text = rng.choice(OTHER).format(x=n(), y=n(), w=n(), z=rng.randint(1000, 99999))
    return restyle(rng, text) if rng.random() < 0.4 else text, REFUSE_THOUGHT, REFUSAL


def turn(rng, mix, thinking):
    sizes = mix.sizes if thinking else mix.direct_sizes
    return arithmetic(rng, sizes=sizes, mix=mix)[:3] if rng.random() < 0.94 else talk(rng)


def conversation(rng, mix=BASIC):
    """A list of (kind, text): kind is a control name, "text" (read only) or "learn"."""
    thinking = rng.random() < mix.thinking
    parts = [("bos", "")]
    x = rng.random()
    if x < 0.006 and thinking:
        parts.append(("text", MAX_EFFORT))
    elif x < 0.05:
        parts.append(("text", rng.choice(SYSTEM)))
    turns = 1 if rng.random() < 1 - mix.multi else rng.choice((2, 2, 2, 3, 3, 4, 5, 6))
    for i in range(turns):
        question, thought, reply = turn(rng, mix, thinking)
        parts += [("user", ""), ("text", question), ("assistant", "")]
        if thinking and i == turns - 1:
            parts += [("think", ""), ("learn", thought), ("learn_end_think", "")]
        else:
            parts.append(("end_think", ""))
        parts += [("learn", reply), ("learn_eos", "")]
    return parts


class Encoder:
    """Conversation -> token ids and the mask of positions to learn."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.ids = {k: tokenizer.token_to_id(v) for k, v in CONTROL.items()}

    def encode(self, parts):
        ids, learn = [], []
        for kind, text in parts:
            taught = kind.startswith("learn")
            if kind in ("text", "learn"):
                new = self.tokenizer.encode(text, add_special_tokens=False).ids
            else:
                new = [self.ids[kind.removeprefix("learn_")]]
            ids += new
            learn += [taught] * len(new)
        return ids, learn

    def prompt(self, question, thinking, before=()):
        """The prompt of a question; `before` holds earlier (question, answer) turns."""
        parts = [("bos", "")]
        for asked, reply in before:
            parts += [("user", ""), ("text", asked), ("assistant", ""), ("end_think", ""), ("text", reply), ("eos", "")]
        return self.encode(parts + [("user", ""), ("text", question), ("assistant", ""),
                                    ("think" if thinking else "end_think", "")])[0]


def batches(seed, encoder, tokens_per_batch, mix=lambda: EARLY, pool=3000, max_len=440):
    """Endless batches (ids, learn) of similar length, padded to a multiple of 8 with EOS."""
    import numpy as np
    rng = random.Random(seed)
    while True:
        seqs = [encoder.encode(conversation(rng, mix())) for _ in range(pool)]
        seqs = sorted((s for s in seqs if len(s[0]) <= max_len), key=lambda s: len(s[0]))
        cut, group, width = [], [], 0
        for s in seqs:
            w = -(-len(s[0]) // 8) * 8
            if group and w * (len(group) + 1) > tokens_per_batch:
                cut.append((group, width))
                group = []
            group.append(s)
            width = w
        cut.append((group, width))
        rng.shuffle(cut)
        for group, width in cut:
            ids = np.ones((len(group), width), dtype=np.int64)
            learn = np.zeros((len(group), width), dtype=bool)
            for row, (i, m) in enumerate(group):
                ids[row, :len(i)] = i
                learn[row, :len(m)] = m
            yield ids, learn


def unseen(seed, count, digits=3, op=None):
    """Test questions (question, thinking, reply, integer) with held-out operands only."""
    rng = random.Random(f"unseen-{seed}")
    out = []
    for _ in range(count):
        question, thought, reply, _ = arithmetic(rng, True, digits, op)
        out.append((question, thought, reply, int(reply.split()[-1].rstrip("."))))
    return out


if __name__ == "__main__":
    rng = random.Random(0)
    for _ in range(12):
        print("".join(CONTROL.get(k.removeprefix("learn_"), t) for k, t in conversation(rng, LATE)), "\n")
