/** Conditions and values that the Python SDK cannot write: each is one CEL expression, and `size` is one of two texts. */
import { component, pipeline, type Int } from "millrace";

type Size = "small" | "large";

const look = component({}, ({ n, size }: { n: Int; size: Size }): { value: Int; big: boolean; name: string } => ({
  value: n,
  big: size === "large",
  name: `n${n}`,
}));
const both = component({}, (): void => console.log("more than 2, and neither big nor 4"));
const either = component({}, (): void => console.log("big, or less than 3"));
const neither = component({}, (): void => console.log("neither"));
const three = component({}, (): void => console.log("named n3"));
const other = component({}, (): void => console.log("named otherwise"));
const chain = component({}, ({ from }: { from: string }): string => `from ${from}`);
const told = component({}, ({ words }: { words: string }): void => console.log(words));

export default pipeline({ name: "decisions" }, ({ n = 3, size = "small" }: { n?: Int; size?: Size }) => {
  const { value, big, name } = look({ n, size });
  if (value > 2 && !(big || value === 4)) both();
  if (big || value < 3) either();
  else if (value !== 3) neither();
  switch (name) {
    case "n3":
      three();
      break;
    default:
      other();
  }
  const { output } = size === "large" && value >= 3 ? chain({ from: "large" }) : chain({ from: "small" });
  told({ words: output });
});
