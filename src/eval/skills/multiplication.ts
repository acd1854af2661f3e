import { between, pick } from "../draw.ts";
import { halves } from "../split.ts";
import { arithmetic } from "./arithmetic.ts";

export const multiplication = arithmetic(
  "multiplication",
  "*",
  {
    en: halves(
      `{a}*{b}|{a} * {b}|{a}*{b}=|{a}*{b}=?|{a} x {b}|{a}×{b}|{a} × {b} = ?|What is {a}*{b}?|What is {a} * {b}?|What is {a} times {b}?|What's {a} * {b}?|
      what is {a} times {b}|What is the product of {a} and {b}?|How much is {a} × {b}?|Multiply {a} by {b}.|multiply {a} by {b}|Compute {a} * {b}.|
      Calculate {a} × {b}.|{a} times {b}|{a} times {b}?|Tell me {a} times {b}.|Work out {a} * {b}.|Could you multiply {a} by {b}?|Find the product of {a} and {b}.`,
      `Calculate {a} times {b}.|Please multiply {a} and {b}|How much is {a} times {b}?|what's {a} times {b}|Can you multiply {a} by {b} for me?|{a} * {b} =|What is {a} × {b}?`,
    ),
    zh: halves(
      `{a}*{b}|{a}×{b}|{a}×{b}=|{a}乘{b}是多少？|{a}×{b}是多少？|{a}乘{b}等于几？|{a}*{b}等于多少？|请算{a}×{b}。|请算{a}乘{b}。|{a}乘以{b}是多少？|算一算{a}乘{b}`,
      `请问{a}乘{b}等于多少？|{a} × {b} = ?|{a}×{b}等于几？|请算一下{a}乘以{b}。`,
    ),
  },
  (random) => pick(random, [() => between(random, 0, 9), () => between(random, 10, 99), () => between(random, 10, 99)])(),
);
