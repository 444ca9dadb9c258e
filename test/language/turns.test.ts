import { expect, test } from "vitest";
import { createTurns } from "../../language/turns.ts";

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("who waits longest is next, though each question that is answered brings a key and the next question", async () => {
  const turns = createTurns(pause);
  const order: string[] = [];
  async function question(more: number): Promise<void> {
    await turns.next();
    order.push("question");
    turns.edited();
    if (more > 0) await question(more - 1);
  }
  const questions = question(5);
  await pause();
  await turns.next();
  order.push("problems");
  await questions;
  expect(order.indexOf("problems")).toBe(1);
});

test("each turn is taken after the work of the one before, and lets in what was sent meanwhile", async () => {
  let sent = 0;
  let taken = 0;
  const turns = createTurns(() => {
    // A message a pause.
    if (taken < sent) {
      taken++;
      turns.edited();
    }
    return pause();
  });
  const seen: number[] = [];
  const work = async (): Promise<void> => {
    await turns.next();
    seen.push(taken);
    await Promise.resolve();
    sent += 40;
  };
  await Promise.all([work(), work(), work()]);
  expect(seen).toEqual([0, 40, 80]);
});
