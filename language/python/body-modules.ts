/** Modules that a component's code imports and that its container will not have. */
import type { Located } from "./syntax.ts";
import type { FunctionValue } from "./values.ts";

export interface AbsentModule extends Located {
  readonly module: string;
  /** What to install for it. */
  readonly distribution: string;
}

/**
 * The modules imported in the function that neither Python nor a listed package has. Nothing is said of an import
 * that is tried, of an image that may hold anything, or beside a package of which we do not know what it brings.
 */
export function absentModules(target: FunctionValue, image: string, packages: readonly string[]): AbsentModule[] {
  if (!/^(?:docker\.io\/)?(?:library\/)?python(?:[:@]|$)/.test(image)) return [];
  const present = new Set(["kfp", "pip", "setuptools", "pkg_resources", "_distutils_hack"]);
  for (const one of packages) {
    const name = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?:[<>=!~;].*)?$/s.exec(one)?.[1];
    const brought = name === undefined ? undefined : distributions[name.toLowerCase().replaceAll(/[._]/g, "-")];
    if (brought === undefined) return [];
    for (const module of brought.split(" ")) present.add(module);
  }
  const absent = new Map<string, AbsentModule>();
  for (const { module, start, end } of imports(target.body.kind === "lambda" ? [] : target.body.body)) {
    if (module.startsWith("_") || present.has(module) || standard().has(module) || absent.has(module)) continue;
    absent.set(module, { module, distribution: distributionOf(module), start, end });
  }
  return [...absent.values()];
}

/** What to install for a module. */
export function distributionOf(module: string): string {
  return otherNames[module] ?? module;
}

function imports(node: unknown): readonly (Located & { readonly module: string })[] {
  if (typeof node !== "object" || node === null) return [];
  if (Array.isArray(node)) return node.flatMap(imports);
  if ("kind" in node) {
    if (node.kind === "try" && "handlers" in node && Array.isArray(node.handlers) && node.handlers.length > 0)
      return [];
    if (node.kind === "import" && "names" in node) return modulesIn(node.names);
    if (node.kind === "import-from") return "level" in node && node.level === 0 ? modulesIn([node]) : [];
  }
  return Object.values(node).flatMap(imports);
}

function modulesIn(names: unknown): readonly (Located & { readonly module: string })[] {
  if (!Array.isArray(names)) return [];
  return (names as readonly unknown[]).flatMap((one) =>
    typeof one === "object" &&
    one !== null &&
    "path" in one &&
    Array.isArray(one.path) &&
    "start" in one &&
    "end" in one
      ? [{ module: String(one.path[0]), start: Number(one.start), end: Number(one.end) }]
      : [],
  );
}

/** Modules that come with each of the packages that components most often install, its dependencies' included. */
const numeric = "numpy";
const frames = `pandas ${numeric} dateutil pytz tzdata six`;
const learning = `sklearn scipy joblib threadpoolctl ${numeric}`;
const web = "requests urllib3 idna certifi charset_normalizer";
const distributions: Readonly<Record<string, string>> = {
  numpy: numeric,
  pandas: frames,
  "scikit-learn": learning,
  scipy: `scipy ${numeric}`,
  joblib: "joblib",
  requests: web,
  pyyaml: "yaml",
  pyarrow: "pyarrow",
  xgboost: `xgboost scipy nvidia ${numeric}`,
  lightgbm: `lightgbm scipy ${numeric}`,
  matplotlib: `matplotlib mpl_toolkits pylab PIL contourpy cycler fontTools kiwisolver packaging pyparsing dateutil six ${numeric}`,
  seaborn: `seaborn matplotlib PIL contourpy cycler fontTools kiwisolver packaging pyparsing ${frames}`,
  pillow: "PIL",
  boto3: "boto3 botocore s3transfer jmespath urllib3 dateutil six",
  tqdm: "tqdm",
  minio: "minio urllib3 certifi Crypto argon2 typing_extensions",
  sqlalchemy: "sqlalchemy greenlet typing_extensions",
  openpyxl: "openpyxl et_xmlfile",
  dill: "dill",
  cloudpickle: "cloudpickle",
  "opencv-python": `cv2 ${numeric}`,
  "opencv-python-headless": `cv2 ${numeric}`,
};

/** Where the package is not called as its module. */
const otherNames: Readonly<Record<string, string>> = {
  sklearn: "scikit-learn",
  yaml: "pyyaml",
  PIL: "pillow",
  cv2: "opencv-python-headless",
  bs4: "beautifulsoup4",
  dateutil: "python-dateutil",
  dotenv: "python-dotenv",
  skimage: "scikit-image",
  jwt: "pyjwt",
  Crypto: "pycryptodome",
  google: "google-cloud-storage",
  psycopg2: "psycopg2-binary",
  MySQLdb: "mysqlclient",
  git: "gitpython",
  attr: "attrs",
  docx: "python-docx",
  faiss: "faiss-cpu",
  sentence_transformers: "sentence-transformers",
};

let names: ReadonlySet<string> | undefined;

/** Python's own modules, of every version that is still used. */
function standard(): ReadonlySet<string> {
  names ??= new Set(
    `abc aifc annotationlib antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii bisect
    builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys compileall
    compression concurrent configparser contextlib contextvars copy copyreg crypt csv ctypes curses dataclasses
    datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum errno faulthandler fcntl
    filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp
    gzip hashlib heapq hmac html http idlelib imaplib imghdr imp importlib inspect io ipaddress itertools json
    keyword lib2to3 linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap modulefinder msilib
    msvcrt multiprocessing netrc nis nntplib nt ntpath numbers opcode operator optparse os ossaudiodev pathlib pdb
    pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd
    py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy
    sched secrets select selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd
    sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau
    symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile termios test textwrap this threading time
    timeit tkinter token tokenize tomllib trace traceback tracemalloc tty turtle types typing unicodedata
    unittest urllib uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp
    zipfile zipimport zlib zoneinfo`.split(/\s+/),
  );
  return names;
}
