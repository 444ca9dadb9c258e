/** The parts of Python's standard library that pipeline files compute with. Each module is made when imported. */
import { argparseModule } from "./stdlib-argparse.ts";
import { jsonModule } from "./stdlib-json.ts";
import { osModule, osPathModule, sysModule } from "./stdlib-os.ts";
import { pathlibModule } from "./stdlib-path.ts";
import { collectionsModule, copyModule, dataclassesModule, enumModule } from "./stdlib-data.ts";
import { functoolsModule } from "./stdlib-functools.ts";
import { itertoolsModule } from "./stdlib-itertools.ts";
import { contextlibModule } from "./stdlib-contextlib.ts";
import { csvModule, globModule, ioModule, shutilModule, tempfileModule } from "./stdlib-files.ts";
import { importlibModule, inspectModule } from "./stdlib-inspect.ts";
import { abcModule, operatorModule, typesModule } from "./stdlib-operator.ts";
import { mathModule } from "./stdlib-math.ts";
import { reModule } from "./stdlib-re.ts";
import { stringModule, textwrapModule } from "./stdlib-text.ts";
import { typingModule } from "./stdlib-typing.ts";
import type { Machine } from "./machine.ts";
import { type ModuleValue, unknown, type Value } from "./values.ts";

export type Names = Readonly<Record<string, Value>>;

const modules: Readonly<Record<string, (machine: Machine) => Names>> = {
  argparse: argparseModule,
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

/** What the SDK's command has imported before it imports the file: the file's own folder cannot shadow these. */
const loaded = words(`
  abc array ast asyncio atexit base64 binascii bisect builtins bz2 calendar codecs collections concurrent
  contextlib contextvars copy copyreg csv ctypes dataclasses datetime decimal dis email encodings enum errno fcntl
  fnmatch functools genericpath getpass gettext grp gzip hashlib heapq hmac html http importlib inspect io
  ipaddress itertools json keyword linecache locale logging lzma marshal math mimetypes multiprocessing ntpath
  numbers opcode operator os pathlib pickle pkgutil platform posix posixpath pprint pwd pydoc queue quopri random
  re reprlib secrets select selectors shlex shutil signal site socket socketserver ssl stat string stringprep
  struct subprocess sys sysconfig tarfile tempfile termios textwrap threading time token tokenize traceback types
  typing unicodedata urllib uuid warnings weakref webbrowser wsgiref zipfile zipimport zlib zoneinfo
`);

/** The rest of what exists wherever Python does. */
const others = words(`
  __future__ argparse bdb cProfile cmath cmd code codeop colorsys compileall configparser curses dbm difflib
  distutils doctest ensurepip faulthandler filecmp fileinput fractions ftplib gc getopt glob graphlib imaplib imp
  mailbox mmap modulefinder netrc nturl2path optparse pdb pickletools plistlib poplib profile pstats pty
  py_compile pyclbr pydoc_data pyexpat readline resource rlcompleter runpy sched shelve smtplib sqlite3
  sre_compile sre_constants sre_parse statistics symtable syslog tabnanny timeit tkinter tomllib trace
  tracemalloc tty turtle unittest venv wave xml xmlrpc zipapp
`);

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/** Whether a module of that name is Python's own, whatever the workspace has. */
export function isLoadedFirst(name: string): boolean {
  return loaded.has(name.split(".")[0] ?? "");
}

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
  if (!loaded.has(top) && !others.has(top)) return undefined;
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
