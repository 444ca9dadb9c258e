import type { Tags } from "yaml";

/**
 * What a plain scalar is to PyYAML (`yaml/resolver.py`), which reads and writes for the SDK: less than YAML 1.1 says.
 * `y` and `n` are text, so are `1e3` (a float has a point, and a sign in its exponent), `08` and dates.
 */
export function pyYamlTags(tags: Tags): Tags {
  return tags.flatMap((tag): Tags => {
    if (typeof tag === "string" || tag.collection !== undefined || tag.test === undefined) return [tag];
    const test = patternOf(tag.tag, tag.test, tag.format);
    if (test === undefined) return [];
    return [{ ...tag, test }];
  });
}

/** Undefined: PyYAML has no such kind. */
function patternOf(tag: string, test: RegExp, format: string | undefined): RegExp | undefined {
  switch (tag) {
    case "tag:yaml.org,2002:bool":
      return test.test("yes") ? /^(?:[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/ : /^(?:[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/;
    case "tag:yaml.org,2002:int":
      if (format === "TIME") return /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/;
      return format === undefined ? /^[-+]?(?:0|[1-9][0-9_]*)$/ : test;
    case "tag:yaml.org,2002:float":
      if (format === "EXP") return undefined;
      if (format === "TIME" || !test.test("1.5")) return test;
      return /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/;
    case "tag:yaml.org,2002:timestamp":
      return undefined;
    default:
      return test;
  }
}
