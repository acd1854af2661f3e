import { ask } from "../asking.ts";
import { lastNumberIs } from "../checks.ts";
import { compose } from "../compose.ts";
import { between, pick, type Random, until } from "../draw.ts";
import { fill } from "../fill.ts";
import type { Skill, Split } from "../skill.ts";
import { halves, type Lists, pairBelongs } from "../split.ts";
import { wordOf, wordsOf } from "../words/altered.ts";
import { PEOPLE } from "../words/people.ts";
import { PLACES, THINGS } from "../words/things.ts";
import { apply, type Operation, workOut } from "../working/arithmetic.ts";
import { ANSWER } from "./arithmetic.ts";

/** One kind of story: what is done with its numbers, one after the other, and how it is told. */
interface Story {
  readonly ops: readonly Operation[];
  readonly tellings: Lists;
}

const STORIES: readonly Story[] = [
  {
    ops: ["+"],
    tellings: {
      en: halves(
        `{N} has {a} {t} and gets {b} more. How many {t} does {N} have now?|{N} has {a} {t}. {M} gives {N} {b} more. How many {t} does {N} have?|
        {N} has {a} {t} and {M} has {b} {t}. How many {t} do they have together?|There are {a} {t} in the {p}. {N} adds {b}. How many {t} are there now?|
        A {p} holds {a} {t} and another {p} holds {b}. How many {t} are there in all?|
        {N} buys {a} {t} and {M} buys {b} {t}. How many {t} did they buy?|{N} had {a} {t}. Then {M} brought {b} more. How many are there now?|
        In the {p} there are {a} {t}. {b} more {t} arrive. How many {t} are in the {p} now?|{N} made {a} {t} in the morning and {b} in the evening. How many {t} in all?|
        {N} picked {a} {t}, {M} picked {b}. What is the total?|There are {a} red {t} and {b} blue {t}. How many {t} are there?|{N} collects {a} {t}, then {b} more. How many now?|
        {N} sold {a} {t} on Friday and {b} on Sunday. How many {t} did {N} sell?|{a} {t} are in the {p}, {b} outside. How many {t} is that together?|
        If {N} has {a} {t} and finds {b}, how many {t} does {N} have?|{N} found {a} {t} on Monday and {b} on Tuesday. How many {t} is that?|
        {N} owns {a} {t}. {M} owns {b}. How many {t} do the two own together?|{N} starts with {a} {t} and receives {b} from {M}. How many {t} does {N} end up with?|
        {a} {t} were in the {p}. {N} put in {b} more. How many {t} does the {p} hold now?|{N} baked {a} {t}, {M} baked {b} {t}. How many did they bake in all?|
        Yesterday {N} got {a} {t}, today {b}. What is the sum?|{N} carries {a} {t}; {M} carries {b}. How many {t} are carried?|First {N} saw {a} {t}, later {b} others. How many {t} did {N} see?|
        A {p} with {a} {t} gets {b} new ones. How many {t} are in it?|{N} wants {a} {t} and {M} wants {b}. How many {t} must they get?|To {a} {t} {N} adds {b}. How many {t} result?|
        {N} read about {a} {t} and wrote about {b}. How many {t} is that in total?|How many {t} are {a} {t} and {b} {t}?`,
        `{N} has {a} {t} and buys {b} more. How many {t} does {N} have now?|{N} counts {a} {t} and then {b} {t}. How many {t} in total?|
        There are {a} {t} in one {p} and {b} {t} in another. How many {t} altogether?`,
      ),
      zh: halves(
        "{N}有{a}个{t}，又买了{b}个，现在有几个？|{N}有{a}个{t}，{M}有{b}个，一共有几个？|{p}里有{a}个{t}，又来了{b}个，现在有多少个？|{N}买了{a}个{t}，{M}买了{b}个，一共买了几个？|{N}有{a}个{t}，又找到{b}个，现在有多少个？|{N}早上做了{a}个{t}，后来又做了{b}个，一共几个？|{a}个红{t}和{b}个白{t}，一共多少个？",
        "{N}有{a}个{t}，{M}又给{N}{b}个，{N}有几个？|{p}里有{a}个{t}，{N}又放了{b}个，一共多少个？",
      ),
    },
  },
  {
    ops: ["-"],
    tellings: {
      en: halves(
        `{N} has {a} {t} and gives away {b}. How many {t} are left?|{N} had {a} {t} and gave {b} to {M}. How many {t} does {N} have now?|
        There are {a} {t} in the {p}. {N} takes {b}. How many {t} are left?|{N} had {a} {t} and sold {b}. How many {t} remain?|
        {N} has {a} {t}, {M} has {b}. How many more {t} does {N} have than {M}?|Of {a} {t}, {b} are broken. How many {t} are not broken?|
        {N} had {a} {t}. {M} took {b} of them. How many {t} remain?|{N} has {a} {t} and eats {b}. How many are left?|{N} needs {a} {t} and has {b}. How many more does {N} need?|
        {N} has {a} {t} and uses {b} of them. How many {t} are left over?|There were {a} {t} in the {p}. Now there are {b} fewer. How many {t} are there?|
        {N} bought {a} {t} and dropped {b}. How many good {t} does {N} have?|A {p} has room for {a} {t}. {b} are in it. How many more fit?|
        The {p} had {a} {t}, {b} were lost. How many are still there?|If {N} gives {b} of {a} {t} to {M}, how many does {N} keep?|{N} spent {b} of {a} {t}. How many {t} are left?|
        {N} had {a} {t}. {b} of them broke. How many whole {t} does {N} have?|From {a} {t} in the {p}, {M} carried {b} away. How many stayed?|{N} owned {a} {t} and threw {b} away. How many {t} does {N} still own?|
        {b} of the {a} {t} are red, the others blue. How many are blue?|{N} wants {a} {t} but has only {b}. How many are missing?|Out of {a} {t}, {N} returned {b}. How many did {N} keep?|
        There are {a} {t} for {N} and {b} for {M}. How many fewer does {M} get?|{N} planned {a} {t} and finished {b}. How many are still to do?|The {p} lost {b} of its {a} {t}. How many has it now?|
        {a} {t} stood in the {p} until {N} hid {b}. How many could be seen?|{M} stole {b} of the {a} {t} of {N}. How many {t} are with {N} now?|How many {t} remain of {a} when {b} are gone?`,
        `{N} has {a} {t} and loses {b}. How many {t} does {N} have left?|A {p} has {a} {t}. {b} are removed. How many {t} remain?|
        There were {a} {t} in the {p} and {b} were sold. How many {t} are left?`,
      ),
      zh: halves(
        "{N}有{a}个{t}，给了{M}{b}个，还有几个？|{p}里有{a}个{t}，{N}拿走{b}个，还有几个？|{N}有{a}个{t}，卖了{b}个，还有多少个？|{N}有{a}个{t}，吃了{b}个，还有几个？|{N}有{a}个{t}，用了{b}个，还有多少个？|{N}有{a}个{t}，{M}有{b}个，{N}比{M}多几个？|{N}要{a}个{t}，已有{b}个，还要几个？",
        "{N}有{a}个{t}，{M}拿走{b}个，还有多少个？|{p}里有{a}个{t}，卖了{b}个，还有几个？",
      ),
    },
  },
  {
    ops: ["*"],
    tellings: {
      en: halves(
        `There are {a} {t} in each {p}. How many {t} are in {b} of them?|{N} buys {b} bags of {a} {t} each. How many {t} are that?|
        Each day {N} finds {a} {t}. How many {t} after {b} days?|
        {N} has {b} boxes. Each box holds {a} {t}. How many {t} does {N} have?|There are {b} rows of {a} {t}. How many {t} are there?|{b} friends have {a} {t} each. How many {t} in all?|
        {N} packs {a} {t} into each of {b} boxes. How many {t} are packed?|One {p} holds {a} {t}. How many {t} do {b} hold?|{N} makes {a} {t} a day. How many in {b} days?|
        Every week {N} sells {a} {t}. How many {t} in {b} weeks?|A pack has {a} {t}. {N} buys {b} packs. How many {t} is that?|
        {b} shelves carry {a} {t} each. How many {t} are on the shelves?|{N} gives {a} {t} to each of {b} people. How many {t} does {N} give?|If one {p} has {a} {t}, how many {t} have {b} of them?|
        {N} writes {a} pages a day. How many pages in {b} days?|A ticket costs {a} dollars. What do {b} tickets cost?|{b} times {N} carried {a} {t}. How many {t} were carried?|
        In every {p} are {a} {t}; there are {b} of these. How many {t} in total?|{N} needs {a} {t} for one table and sets {b} tables. How many {t} are needed?|
        {b} boxes hold {a} {t} apiece. How many {t} are that together?|Each of {b} children gets {a} {t}. How many {t} do they get?|{N} plants {b} rows with {a} {t} in a row. How many {t} is that?`,
        `{N} has {b} bags with {a} {t} each. How many {t} does {N} have?|One of the {t} costs {a} coins. How many coins do {b} cost?`,
      ),
      zh: halves(
        "一个包里有{a}个{t}，{b}个包里有几个？|{N}一天买{a}个{t}，{b}天买几个？|{b}个人，一人{a}个{t}，一共几个？|{N}一天做{a}个{t}，{b}天做多少个？|有{b}个包，一个包放{a}个{t}，一共多少个{t}？",
        "一个{t}{a}元，{b}个多少元？",
      ),
    },
  },
  {
    ops: ["+", "-"],
    tellings: {
      en: halves(
        `{N} has {a} {t}, gets {b} more and gives away {c}. How many {t} are left?|There are {a} {t} in the {p}. {N} adds {b} and {M} takes {c}. How many {t} are there now?|
        {N} had {a} {t}, found {b} and lost {c} again. How many {t} remain?|{N} has {a} {t} and buys {b}. Then {N} gives {c} to {M}. How many {t} does {N} have left?|
        A {p} holds {a} {t}. {b} come in, {c} go out. How many are inside?|First there were {a} {t}, then {b} more, then {c} were sold. How many {t} are left?|
        {N} made {a} {t} and {M} made {b}. They ate {c}. How many are left?|{N} owned {a} {t}, received {b} and threw {c} away. How many {t} does {N} own?|
        {a} {t} and {b} {t} are in the {p}. {M} takes {c} of them. How many stay?|{N} saved {a} coins, earned {b} and spent {c}. How many coins are left?|
        {N} collects {a} {t} and then {b}, but {c} break. How many whole {t} are there?|With {a} {t} at first, {N} bought {b} and sold {c}. How many now?`,
        `{N} has {a} {t}, buys {b} more and loses {c}. How many {t} does {N} have now?`,
      ),
      zh: halves(
        "{N}有{a}个{t}，又买了{b}个，给了{M}{c}个，还有几个？|{p}里有{a}个{t}，又来了{b}个，{N}拿走{c}个，还有几个？",
        "{N}有{a}个{t}，又买了{b}个，卖了{c}个，还有多少个？",
      ),
    },
  },
  {
    ops: ["-", "+"],
    tellings: {
      en: halves(
        `{N} had {a} {t}, gave {b} to {M} and found {c} more. How many {t} does {N} have?|A {p} has {a} {t}. {b} are sold and {c} new ones arrive. How many {t} are there?|
        {N} has {a} {t}, loses {b} and finds {c}. How many {t} now?|{N} had {a} {t}. {M} took {b}, but {N} bought {c} more. How many {t} does {N} have?|
        There were {a} {t} in the {p}. {N} took {b} and put back {c}. How many are there now?|{N} eats {b} of {a} {t} and then gets {c} more. How many {t} are there?|{N} owned {a} {t}, threw {b} away and received {c}. How many {t} does {N} own now?|
        {N} saved {a} coins, spent {b} and earned {c}. How many coins are there?|Of {a} {t} in the {p} {b} break, then {M} adds {c}. How many {t} are fine?|
        First {N} had {a} {t}, then {b} fewer, then {c} more. How many at the end?|{a} people are in the {p}. {b} leave and {c} come in. How many are there?`,
        `{N} has {a} {t}, sells {b} and then buys {c} more. How many {t} does {N} have?`,
      ),
      zh: halves("{N}有{a}个{t}，给了{M}{b}个，又买了{c}个，现在有几个？", "{p}里有{a}个{t}，卖了{b}个，又来了{c}个，现在有多少个？"),
    },
  },
];

/** Numbers no story goes below nothing with: small enough that a step has two digits, unless there is only one. */
function numbers(random: Random, split: Split, ops: readonly Operation[]): number[] {
  const most = ops[0] === "*" ? 12 : ops.length > 1 ? 60 : 300;
  const draw = () => [between(random, 2, most), between(random, 2, most), ...(ops.length > 1 ? [between(random, 2, most)] : [])];
  return until(draw, ([a, b, ...rest]) => {
    if (!pairBelongs(a!, b!, split)) return false;
    const first = apply(ops[0]!, a!, b!);
    return first > 0 && (rest.length === 0 || apply(ops[1]!, first, rest[0]!) > 0);
  });
}

export const problems: Skill = {
  name: "problems",
  title: "short word problems",
  example(random, split, options) {
    const { language } = options;
    const { ops, tellings } = pick(random, STORIES);
    const [a, b, c] = numbers(random, split, ops);
    const [N, M] = wordsOf(random, PEOPLE[language], split, 2);
    const words = { N: N!, M: M!, t: wordOf(random, THINGS[language], split), p: wordOf(random, PLACES[language], split) };
    const first = apply(ops[0]!, a!, b!);
    const result = c === undefined ? first : apply(ops[1]!, first, c);
    return compose(options, {
      prompt: ask(random, split, language, tellings, { ...words, a: a!, b: b!, ...(c !== undefined && { c }) }),
      think(notes, level) {
        notes.line(`${a}${ops[0]}${b}`, c === undefined ? "" : `${ops[1]}${c}`);
        workOut(notes, level, random, ops[0]!, a!, b!);
        if (c !== undefined) workOut(notes, level, random, ops[1]!, first, c);
      },
      content: fill(ANSWER[language], { n: result }),
      check: lastNumberIs(result),
    });
  },
};
