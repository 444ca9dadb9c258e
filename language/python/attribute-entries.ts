import { keyOf, plainText, type Value } from "./values.ts";

/** The entries of `object.__dict__`: what is set there is an attribute of the object. */
export class AttributeEntries extends Map<string, [key: Value, value: Value]> {
  private readonly attributes: Map<string, Value>;
  constructor(attributes: Map<string, Value>) {
    super([...attributes].map(([name, value]) => [keyOf(name), [name, value]]));
    this.attributes = attributes;
  }
  override set(key: string, entry: [key: Value, value: Value]): this {
    // The constructor of Map fills it before there are attributes.
    (this.attributes as Map<string, Value> | undefined)?.set(plainText(entry[0]), entry[1]);
    return super.set(key, entry);
  }
  override delete(key: string): boolean {
    this.attributes.delete(plainText(this.get(key)?.[0]));
    return super.delete(key);
  }
  override clear(): void {
    this.attributes.clear();
    super.clear();
  }
}
