/** A condition of the spec (CEL) as a person would say it; `nameOf` gives the words for an input that it reads. */
export function conditionWords(condition: string, nameOf: (input: string) => string): string {
  let text = condition.replace(/inputs\.parameter_values\['([^']+)'\]/g, (_match, name: string) => nameOf(name));
  // The SDK casts each side of a comparison of numbers; innermost first.
  for (let before = ""; before !== text; ) {
    before = text;
    text = text.replace(/\b(?:int|double|string|bool)\(([^()]*)\)/g, "$1");
  }
  return text;
}
