import { describe, expect, test } from "vitest";
import { connect, type Port } from "../../webview/rpc.ts";

interface Kitchen {
  cook(dish: string): string;
  fail(): void;
  never(): void;
}
interface Guest {
  greet(name: string): string;
}

/** Two ports; what one posts the other hears, as a structured clone, in order. */
function pair(): readonly [Port, Port] {
  const hearers: [Set<(message: unknown) => void>, Set<(message: unknown) => void>] = [new Set(), new Set()];
  const port = (own: 0 | 1): Port => ({
    post: (message) =>
      queueMicrotask(() => hearers[own === 0 ? 1 : 0].forEach((hear) => hear(structuredClone(message)))),
    listen: (hear) => {
      hearers[own].add(hear);
      return () => hearers[own].delete(hear);
    },
  });
  return [port(0), port(1)];
}

function kitchen(port: Port) {
  return connect<Kitchen, Guest>(
    port,
    { cook: ["string"], fail: [], never: [] },
    {
      cook: (dish) => `${dish}, cooked`,
      fail: () => {
        throw new Error("no gas");
      },
      never: () => new Promise<void>(() => {}),
    },
  );
}

describe("rpc", () => {
  test("calls go both ways and errors come back", async () => {
    const [a, b] = pair();
    const host = kitchen(a);
    const view = connect<Guest, Kitchen>(b, { greet: ["string"] }, { greet: (name) => `hello ${name}` });
    expect(await view.call("cook", "rice")).toBe("rice, cooked");
    expect(await host.call("greet", "Ada")).toBe("hello Ada");
    await expect(view.call("fail")).rejects.toThrow("no gas");
  });

  test("what waits is rejected when the connection closes, and nothing is sent after", async () => {
    const [a, b] = pair();
    kitchen(a);
    const view = connect<Guest, Kitchen>(b, { greet: ["string"] }, { greet: (name) => name });
    const waiting = view.call("never");
    view.close();
    await expect(waiting).rejects.toThrow("closed");
    await expect(view.call("cook", "rice")).rejects.toThrow("closed");
  });

  test.each([
    ["an unknown method", { id: 1, method: "burn", args: [] }, "No method burn."],
    ["an inherited name", { id: 1, method: "toString", args: [] }, "No method toString."],
    ["a method that is no string", { id: 1, method: 4, args: [] }, "No method 4."],
    ["a wrong kind", { id: 1, method: "cook", args: [{}] }, "Wrong arguments for cook."],
    ["too many arguments", { id: 1, method: "cook", args: ["a", "b"] }, "Wrong arguments for cook."],
    ["arguments that are no list", { id: 1, method: "cook", args: "rice" }, "Wrong arguments for cook."],
  ])("%s is answered with an error", async (_name, message, error) => {
    const [a, b] = pair();
    kitchen(a);
    const answer = new Promise<unknown>((resolve) => b.listen(resolve));
    b.post(message);
    expect(await answer).toEqual({ id: 1, error });
  });

  test.each([[null], ["text"], [{ method: "cook", args: ["x"] }], [{ id: "1", method: "cook", args: ["x"] }], [[]]])(
    "%j is dropped",
    async (message) => {
      const [a, b] = pair();
      kitchen(a);
      const heard: unknown[] = [];
      b.listen((answer) => heard.push(answer));
      b.post(message);
      b.post({ id: 7, method: "cook", args: ["rice"] });
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(heard).toEqual([{ id: 7, result: "rice, cooked" }]);
    },
  );
});
