/**
 * Scalars as PyYAML's emitter writes them with its defaults: block context, width 80,
 * ASCII only. Checked against the real one, see `test/language/spec/write.test.ts`.
 */
const width = 80;

/**
 * The text of a string that starts at `column`; lines that it folds into begin at `indent`.
 * `split` is false for simple keys, which stay on one line.
 */
export function yamlString(text: string, column: number, indent: number, split: boolean): string {
  if (/^[A-Za-z_/$][\w/$.-]*$/.test(text)) return isYamlWord(text) ? `'${text}'` : text;
  // Characters that only double quotes can carry, and blanks around line breaks.
  if (/[^\n -~]| \n|\n /.test(text)) return doubleQuoted(text, column, indent, split);
  if (!isPlain(text)) return singleQuoted(text, column, indent, split);
  return split && column + text.length > width ? foldedPlain(text, column, indent) : text;
}

/** A float: as Python's `repr`, with the `.0` that YAML 1.1 asks for before an exponent. */
export function yamlFloat(repr: string): string {
  if (repr.endsWith("inf")) return repr.replace("inf", ".inf");
  if (repr === "nan") return ".nan";
  return repr.includes(".") ? repr : repr.replace("e", ".0e");
}

function isYamlWord(text: string): boolean {
  return (
    text.length <= 5 &&
    /^(?:yes|no|true|false|on|off|null|Yes|No|True|False|On|Off|Null|YES|NO|TRUE|FALSE|ON|OFF|NULL)$/.test(text)
  );
}

/** Whether a text of printable ASCII and line breaks may stand without quotes and reads back as a string. */
function isPlain(text: string): boolean {
  if (text === "" || text.includes("\n") || text.startsWith(" ") || text.endsWith(" ")) return false;
  if (/^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?: |$))|:(?: |$)| #/.test(text)) return false;
  return !isYamlWord(text) && !resolves(text);
}

const yamlInteger =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const yamlDecimal =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const yamlTime =
  /^[0-9]{4}-(?:[0-9]{2}-[0-9]{2}|[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?)$/;

/** Whether YAML 1.1 reads the text as a number, a time, null, a merge or a value key. */
function resolves(text: string): boolean {
  if (text === "~" || text === "<<" || text === "=") return true;
  return /^[-+.0-9]/.test(text) && (yamlInteger.test(text) || yamlDecimal.test(text) || yamlTime.test(text));
}

/** Breaks at single spaces once the line is longer than the width. */
function foldedPlain(text: string, start: number, indent: number): string {
  const pad = `\n${" ".repeat(indent)}`;
  let out = "";
  let column = start;
  for (const part of text.split(/( +)/)) {
    if (part === " " && column > width) {
      out += pad;
      column = indent;
    } else {
      out += part;
      column += part.length;
    }
  }
  return out;
}

/** A line break is written as an empty line more than the text has; folds as plain text does. */
function singleQuoted(text: string, start: number, indent: number, split: boolean): string {
  const pad = " ".repeat(indent);
  const last = text.length;
  let out = "'";
  let column = start + 1;
  for (const match of text.matchAll(/ +|\n+|[^ \n]+/g)) {
    const part = match[0];
    if (part.startsWith("\n")) {
      out += `\n${part}${pad}`;
      column = indent;
    } else if (part === " " && column > width && split && match.index !== 0 && match.index + 1 !== last) {
      out += `\n${pad}`;
      column = indent;
    } else {
      const quoted = part.replaceAll("'", "''");
      out += quoted;
      column += quoted.length;
    }
  }
  return `${out}'`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  "\0": "0",
  "\x07": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\x1b": "e",
  '"': '"',
  "\\": "\\",
  "\x85": "N",
  "\xa0": "_",
  "\u2028": "L",
  "\u2029": "P",
};

/** Everything but printable ASCII escaped; may break before a space and after an escape. */
function doubleQuoted(text: string, start: number, indent: number, split: boolean): string {
  const chars = Array.from(text);
  const pad = " ".repeat(indent);
  let out = '"';
  let column = start + 1;
  // The characters from `open` on are not written yet; behind an escape `open` is ahead of `i`.
  let open = 0;
  const flush = (end: number) => {
    if (open >= end) return;
    out += chars.slice(open, end).join("");
    column += end - open;
    open = end;
  };
  chars.forEach((char, i) => {
    const plain = char >= " " && char <= "~" && char !== '"' && char !== "\\" && char.length === 1;
    if (!plain) {
      flush(i);
      const escape = `\\${shortEscapes[char] ?? hexEscape(char)}`;
      out += escape;
      column += escape.length;
      open = i + 1;
    }
    const mayBreak = split && i > 0 && i < chars.length - 1 && (char === " " || open >= i);
    if (mayBreak && column + (i - open) > width) {
      flush(i);
      out += `\\\n${pad}`;
      column = indent;
      if (chars[open] === " ") {
        out += "\\";
        column += 1;
      }
    }
  });
  flush(chars.length);
  return `${out}"`;
}

function hexEscape(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `x${hex.padStart(2, "0")}`;
  if (code <= 0xffff) return `u${hex.padStart(4, "0")}`;
  return `U${hex.padStart(8, "0")}`;
}
