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
