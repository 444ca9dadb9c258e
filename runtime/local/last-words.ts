/**
 * The line among the last of a log that says why a program failed: the
 * exception of the last Python traceback, else the last line that looks like
 * an error's, else the last line with anything in it. Without ANSI colours.
 */
export function lastWords(lines: readonly string[]): string | undefined {
  const plain = withoutDump(lines.map((line) => line.replaceAll(ansi, "").trimEnd())).filter(
    (line) => line !== "" && !noise.test(line),
  );
  const traceback = plain.findLastIndex((line) => line.startsWith("Traceback (most recent call last)"));
  // What follows the indented frames; with chained exceptions the last traceback is the one that counts.
  const raised = traceback === -1 ? undefined : plain.slice(traceback + 1).find((line) => !/^\s/.test(line));
  const found = raised ?? plain.findLast((line) => errorLine.test(line)) ?? plain.at(-1);
  return found?.trim().slice(0, 500);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what colours begin with.
const ansi = /\u001b\[[0-9;]*[A-Za-z]/g;
const errorLine =
  /^(?:Uncaught )?(?:[A-Za-z_]\w*\.)*[A-Za-z_]*(?:Error|Exception|Exit|Interrupt)\b(?: \[\w+\])?(?::|$)/;
/** pip's advertisement, Node's version at the end of a crash, our own lines, and the KFP executor's chatter. */
const noise = /^(?:\[notice\]|Node\.js v\d|\[millrace\]|\[KFP Executor )/;

/** Without the JSON of its input that the KFP executor prints first. */
function withoutDump(lines: readonly string[]): readonly string[] {
  const heading = lines.findIndex((line) => /^\[KFP Executor .*Got executor_input:$/.test(line));
  if (heading === -1) return lines;
  const end = lines.indexOf("}", heading);
  return [...lines.slice(0, heading), ...lines.slice(end === -1 ? lines.length : end + 1)];
}
