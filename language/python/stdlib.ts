/** The parts of Python's standard library that pipeline files compute with. Each module is made when imported. */
import { jsonModule } from "./stdlib-json.ts";
import { osModule, osPathModule, sysModule } from "./stdlib-os.ts";
import { pathlibModule } from "./stdlib-path.ts";
import {
  collectionsModule,
  copyModule,
  dataclassesModule,
  enumModule,
  functoolsModule,
  itertoolsModule,
} from "./stdlib-data.ts";
import { contextlibModule } from "./stdlib-contextlib.ts";
import { csvModule, globModule, ioModule, shutilModule, tempfileModule } from "./stdlib-files.ts";
import { importlibModule, inspectModule } from "./stdlib-inspect.ts";
import { abcModule, operatorModule, typesModule } from "./stdlib-operator.ts";
import { mathModule, reModule, stringModule, textwrapModule, typingModule } from "./stdlib-text.ts";
import type { Machine } from "./machine.ts";
import { type ModuleValue, unknown, type Value } from "./values.ts";

export type Names = Readonly<Record<string, Value>>;

const modules: Readonly<Record<string, (machine: Machine) => Names>> = {
  os: osModule,
  "os.path": osPathModule,
  posixpath: osPathModule,
  sys: sysModule,
  pathlib: pathlibModule,
  tempfile: tempfileModule,
  shutil: shutilModule,
  io: ioModule,
  glob: globModule,
  csv: csvModule,
  contextlib: contextlibModule,
  inspect: inspectModule,
  importlib: importlibModule,
  json: jsonModule,
  functools: functoolsModule,
  itertools: itertoolsModule,
  collections: collectionsModule,
  "collections.abc": typingModule,
  dataclasses: dataclassesModule,
  enum: enumModule,
  copy: copyModule,
  typing: typingModule,
  typing_extensions: typingModule,
  re: reModule,
  math: mathModule,
  abc: abcModule,
  operator: operatorModule,
  types: typesModule,
  string: stringModule,
  textwrap: textwrapModule,
};

/** Modules that exist wherever Python does, whose results are not worked out. */
const others = new Set(
  "__future__ abc argparse ast asyncio base64 binascii bisect builtins calendar cmath codecs concurrent configparser contextlib contextvars csv ctypes datetime decimal difflib email errno fnmatch fractions gc getpass glob gzip hashlib heapq hmac html http importlib inspect io ipaddress keyword linecache locale logging multiprocessing numbers operator pickle pkgutil platform pprint queue random runpy sched secrets select shelve shlex shutil signal site smtplib socket sqlite3 ssl stat statistics struct subprocess sysconfig tarfile tempfile threading time timeit token tokenize traceback types unicodedata unittest urllib uuid warnings weakref xml zipfile zlib zoneinfo".split(
    " ",
  ),
);

export function standardModule(machine: Machine, name: string): ModuleValue | undefined {
  const make = Object.hasOwn(modules, name) ? modules[name] : undefined;
  if (make !== undefined) {
    return {
      kind: "module",
      name,
      path: undefined,
      names: new Map(Object.entries(make(machine))),
      // What is not written here may well be in Python's module.
      lookup: (member) => {
        if (member.startsWith("__")) return undefined;
        return Object.hasOwn(modules, `${name}.${member}`)
          ? machine.module(`${name}.${member}`)
          : notWorkedOut(name, member);
      },
    };
  }
  const [top = ""] = name.split(".");
  if (!others.has(top)) return undefined;
  const names = new Map<string, Value>();
  return {
    kind: "module",
    name,
    path: undefined,
    names,
    lookup: (member) =>
      name === "datetime" && (member === "datetime" || member === "date")
        ? clock(member)
        : differing.has(top)
          ? unknown(`"${name}.${member}" differs from run to run`)
          : notWorkedOut(name, member),
  };
}

const differing = new Set(["time", "uuid", "random", "secrets"]);

/** `datetime.datetime` and `datetime.date`: the time of day differs, and what is made of numbers is not worked out. */
function clock(type: string): Value {
  const made = notWorkedOut("datetime", type);
  return {
    kind: "native",
    type: "type",
    call: () => made,
    attribute: (name) =>
      name === "now" || name === "utcnow" || name === "today"
        ? unknown(`"datetime.${type}.${name}" differs from run to run`)
        : made,
  };
}

function notWorkedOut(module: string, member: string): Value {
  return unknown(`"${module}.${member}" is not worked out while reading`);
}
