/** The Python that people write around a pipeline, evaluated while reading. */
import { describe, expect, it } from "vitest";
import { tasks } from "./check.ts";

const head = `from kfp import dsl

@dsl.component
def use(text: str = "", n: int = 0, x: float = 0.0, flag: bool = False, items: list = [], opts: dict = {}):
    pass

`;

function body(setup: string, ...lines: string[]): string {
  return `${head}${setup}\n@dsl.pipeline\ndef main(name: str = "a", count: int = 1):\n${lines.map((line) => `    ${line}`).join("\n")}\n`;
}

/** The arguments of the first task. */
function given(setup: string, ...lines: string[]): unknown {
  const result = tasks(body(setup, ...lines));
  expect(result.problems).toEqual([]);
  return result.tasks["use"];
}

describe("expressions", () => {
  it.each([
    ["1 + 2 * 3 ** 2 // 2 % 7 - -1", 4],
    ["7 // -2", -4],
    ["-7 % 3", 2],
    ["2 ** 10 - (1 << 3)", 1016],
    ["len('häß😀') + len([1, 2]) + len({'a': 1})", 7],
    ["sum(i * i for i in range(5) if i % 2)", 10],
    ["[3, 1, 2][::-1][0] + [3, 1, 2][-1]", 4],
    ["max(3, 9, 2) + min([4, 5])", 13],
    ["int('0x1f', 16) + int(3.9) + int('1_000')", 1034],
    ["{'a': {'b': 5}}['a']['b']", 5],
    ["{**{'a': 1}, 'b': 2}.get('c', 7)", 7],
    ["(lambda a, *r, k=2, **z: a + len(r) + k + len(z))(1, 2, 3, k=5, q=1)", 9],
    ["0 or None or 3", 3],
    ["1 if not False and 1 < 2 < 3 else 0", 1],
    ["round(2.5) + round(3.5)", 6],
    ["len(dict(zip('ab', [1, 2])))", 2],
    ["(y := 4) + y", 8],
  ])("%s", (source, value) => expect(given("", `use(n=${source})`)).toEqual({ n: value }));

  it.each([
    ["f'{3.14159:.2f}|{42:05d}|{\"x\":>3}|{1234567:,}|{0.5:.0%}|{255:#x}'", "3.14|00042|  x|1,234,567|50%|0xff"],
    [
      'f\'{1e16}|{1.0}|{1e-5}|{[1, "a", None, True]}|{"a"!r}|{2 + 1=}\'',
      "1e+16|1.0|1e-05|[1, 'a', None, True]|'a'|2 + 1=3",
    ],
    ["'{} {1} {k!r:>5}'.replace('{} {1}', '{0} {1}').format('a', 'b', k='c')", "a b   'c'"],
    ["'%s-%03d-%.1f-%(x)s' % () if False else '%s-%03d-%.1f' % ('a', 7, 2.25)", "a-007-2.2"],
    ["'a,b , c'.split(',')[1].strip().upper() + '-'.join(['x', 'y'])", "Bx-y"],
    ["'snake_case'.title().replace('_', '') + 'abc'[1:] + 'abc'[-1]", "SnakeCasebcc"],
    ["'\\x41\\u00e9\\n' r'\\n' 'z'", "Aé\n\\nz"],
    ["str({'a': (1,), 'b': {2}})", "{'a': (1,), 'b': {2}}"],
  ])("%s", (source, value) => expect(given("", `use(text=${source})`)).toEqual({ text: value }));

  it("ints differ from floats", () => {
    expect(given("", "use(x=1.0, n=1)")).toEqual({ x: 1, n: 1 });
    expect(tasks(body("", "use(x=1)")).problems[0]).toMatch(/^argument-type/);
    expect(given("", "use(x=4 / 2)")).toEqual({ x: 2 });
  });
});

describe("programs", () => {
  it("functions, closures, defaults and keyword arguments", () => {
    expect(
      given(
        "def outer(k):\n    def inner(*args, scale=2, **kw):\n        nonlocal k\n        k += 1\n        return k * scale + sum(args) + len(kw)\n    return inner\nf = outer(10)\nf(1)\n",
        "use(n=f(1, 2, scale=3, z=1))",
      ),
    ).toEqual({ n: 40 });
  });
  it("dataclasses, classes, inheritance, properties, enums and named tuples", () => {
    const setup = `
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

class Size(str, Enum):
    SMALL = "s"

class Point(NamedTuple):
    x: int
    y: int = 2

@dataclass
class Base:
    name: str
    tags: list = field(default_factory=list)

    @property
    def label(self):
        return f"{self.name}-{len(self.tags)}"

@dataclass
class Config(Base):
    n: int = 3

    def __post_init__(self):
        self.tags.append(Size.SMALL.value)

class Special(Config):
    def __init__(self, *args):
        super().__init__(*args)
        self.n *= 2

c = Special("job", ["a"])
p = Point(1)
`;
    expect(given(setup, "use(text=c.label + Size('s').name, n=c.n + p.y + p[0])")).toEqual({
      text: "job-2SMALL",
      n: 9,
    });
  });
  it("loops, comprehensions, while, try, match and unpacking", () => {
    const setup = `
total = 0
for i, (a, *rest) in enumerate([(1, 2, 3), (4,)]):
    total += i + a + len(rest)
while True:
    total += 1
    if total > 12:
        break
try:
    {}["x"]
except (KeyError, ValueError) as e:
    total += 1
finally:
    total += 1
match {"kind": "b", "v": [1, 2]}:
    case {"kind": "a"}:
        total = 0
    case {"kind": "b", "v": [first, *_]} if first == 1:
        total += first
`;
    expect(given(setup, "use(n=total)")).toEqual({ n: 16 });
  });
  it("helpers that make tasks, partial, and loops over known lists", () => {
    const result = tasks(
      body(
        "import functools\ndef step(i, **kw):\n    return use(n=i, **kw)\nquiet = functools.partial(step, flag=True)\n",
        "previous = None",
        "for i in range(3):",
        "    task = quiet(i, text=f'{name}-{i}')",
        "    if previous is not None:",
        "        task.after(previous)",
        "    previous = task",
      ),
    );
    expect(result.problems).toEqual([]);
    expect(Object.keys(result.tasks)).toEqual(["use", "use-2", "use-3"]);
    expect(result.tasks["use-3"]).toMatchObject({
      n: 2,
      flag: true,
      text: "{{$.inputs.parameters['pipelinechannel--name']}}-2",
    });
  });
  it("modules, packages, data files and the environment", () => {
    const files = {
      "lib/__init__.py": "from .settings import SIZE as size\n",
      "lib/settings.py":
        'import json, os, pathlib\nSIZE = json.loads((pathlib.Path(__file__).parent / "size.json").read_text())["n"]\nIMAGE = os.environ.get("IMAGE", "none")\n',
      "lib/size.json": '{"n": 12}',
    };
    const source = body("import lib\nfrom lib import settings\n", "use(n=lib.size, text=settings.IMAGE)");
    expect(tasks(source, files, { env: { IMAGE: "python:3.12" } })).toEqual({
      problems: [],
      tasks: { use: { n: 12, text: "python:3.12" } },
    });
  });
  it("None is a value, not nothing", () => {
    expect(
      given(
        "x = None\nd = {'a': None}\n",
        "use(n=1 if x is None and d.get('a', 3) is None and getattr(dsl, 'zzz', None) is None else 2)",
      ),
    ).toEqual({ n: 1 });
  });
  it("what is in the main block is not run", () => {
    expect(given('if __name__ == "__main__":\n    raise ValueError("no")\n', "use(n=1)")).toEqual({ n: 1 });
  });
  it("decorators of the user's around components", () => {
    const setup = `
def pinned(**options):
    def wrap(func):
        return dsl.component(base_image="img", **options)(func)
    return wrap

@pinned(packages_to_install=["a"])
def other(n: int):
    pass
`;
    expect(tasks(body(setup, "other(n=5)")).tasks).toEqual({ other: { n: 5 } });
  });
});
