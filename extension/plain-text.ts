/** Answers a cleaner of streamed text: terminal escapes go, a carriage return starts its line anew. */
export function plainText(): (chunk: string) => string {
  let rest = "";
  return (chunk) => {
    const text = rest + chunk;
    // An escape that the next chunk may complete, or a carriage return that a line feed may follow.
    const open = /(?:\u001b(?:\[[\d;?]*|\][^\u0007\u001b]{0,200})?|\r)$/.exec(text);
    rest = open ? text.slice(open.index) : "";
    return (open ? text.slice(0, open.index) : text)
      .replace(
        /\u001b\[[\d;?]*[A-Za-z]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[()][A-Z0-9]|\u001b[=>78MDE]/g,
        "",
      )
      .replace(/\r+\n/g, "\n")
      .replace(/[^\n]*\r/g, "");
  };
}

/**
 * A log without what KFP's executor says of itself: where it loads the step from, and its whole input as JSON.
 * Lines may begin with their step's name in brackets.
 */
export function withoutExecutor(log: string): string {
  const dumping = new Set<string>();
  return log
    .split("\n")
    .filter((line) => {
      const [, step = "", text = ""] = /^(\[[^\]]*\] )?(.*)$/.exec(line.replace(/^\[KFP Executor /, "[] $&")) ?? [];
      const speaker = step === "[] " ? "" : step;
      if (dumping.has(speaker)) {
        if (text === "}") dumping.delete(speaker);
        return false;
      }
      if (!/^\[KFP Executor [^\]]* INFO\]:/.test(text)) return true;
      if (/: Got executor_input:$/.test(text)) dumping.add(speaker);
      return false;
    })
    .join("\n");
}
