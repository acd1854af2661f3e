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
      Calculate {a} × {b}.|{a} times {b}|{a} times {b}?|Tell me {a} times {b}.|Work out {a} * {b}.|Could you multiply {a} by {b}?|Find the product of {a} and {b}.|
      product of {a} and {b}|the product of {a} and {b}|{a} multiplied by {b}|What is {a} multiplied by {b}?|What does {a} * {b} equal?|What does {a} times {b} make?|
      If you multiply {a} by {b}, what do you get?|Give me {a} * {b}.|Solve {a} * {b}.|Solve: {a}×{b}|Evaluate {a} * {b}.|{a} * {b} equals?|{a} x {b} = ?|What is {a} x {b}?|
      what's {a}x{b}|Let x = {a} * {b}. What is x?|Do you know {a} times {b}?|I need {a} times {b}.|calculate {a}*{b}|Please multiply {a} by {b}.|How many are {a} groups of {b}?`,
      `Calculate {a} times {b}.|Please multiply {a} and {b}|How much is {a} times {b}?|what's {a} times {b}|Can you multiply {a} by {b} for me?|{a} * {b} =|What is {a} × {b}?`,
    ),
    zh: halves(
      `{a}*{b}|{a}×{b}|{a}×{b}=|{a}乘{b}是多少？|{a}×{b}是多少？|{a}乘{b}等于几？|{a}*{b}等于多少？|请算{a}×{b}。|请算{a}乘{b}。|{a}乘以{b}是多少？|算一算{a}乘{b}|{a}和{b}的积是多少？|{a}乘{b}|{a}乘{b}得多少？|求{a}×{b}|计算{a}*{b}|{a}与{b}的积|{a} × {b}等于？|{a}x{b}|{b}个{a}是多少？|你知道{a}乘{b}是多少吗？`,
      `请问{a}乘{b}等于多少？|{a} × {b} = ?|{a}×{b}等于几？|请算一下{a}乘以{b}。`,
    ),
  },
  (random) => pick(random, [() => between(random, 0, 9), () => between(random, 10, 99), () => between(random, 10, 99)])(),
);
