import type { PythonResult } from "../../language/python/by-python.ts";

/**
 * What the user's own Python executes to compile a file with its own `kfp`. Its one argument is a `ProgramRequest` as
 * JSON; it leaves a `ProgramAnswer` as JSON at `answer`. The file is imported as `kfp dsl compile --py` imports it:
 * its folder comes first in sys.path, kfp is imported before anything of the workspace can be, and `__name__` is the
 * module's. Beyond that it takes relative imports, which kfp does not.
 */
export interface ProgramRequest {
  readonly file: string;
  /** `pipeline`, or in a package `package.pipeline`. */
  readonly module: string;
  /** Behind all others in sys.path. */
  readonly roots: readonly string[];
  /** Folders whose files are the user's. */
  readonly own: readonly string[];
  /** A folder for what is compiled. */
  readonly folder: string;
  readonly answer: string;
  /** Where Python stood when it was asked to end, as faulthandler says it. */
  readonly stuck: string;
}

export type ProgramAnswer =
  | { readonly kind: "no-kfp"; readonly executable: string; readonly python: string; readonly message: string }
  | { readonly kind: "old-kfp"; readonly executable: string; readonly python: string; readonly kfp: string }
  | PythonResult;

export const pythonProgram = String.raw`
import sys
if sys.path and sys.path[0] == "":
    del sys.path[0]
import ast, faulthandler, importlib.util, itertools, json, linecache, os, signal, traceback

request = json.loads(sys.argv[1])
file = request["file"]
sys.argv = [file]
about = {"executable": sys.executable, "python": "%d.%d.%d" % sys.version_info[:3]}

def answer(**values):
    # Under another name first: what can be found is whole.
    with open(request["answer"] + ".part", "w", encoding="utf-8") as out:
        json.dump({**about, **values}, out)
    os.replace(request["answer"] + ".part", request["answer"])

if hasattr(faulthandler, "register"):
    stuck = open(request["stuck"], "w")
    faulthandler.register(signal.SIGTERM, file=stuck, all_threads=False, chain=True)

try:
    import kfp
except Exception as error:
    answer(kind="no-kfp", message="" if getattr(error, "name", None) == "kfp" else "%s: %s" % (type(error).__name__, error))
    sys.exit()
version = str(getattr(kfp, "__version__", "0"))
# A checkout of the SDK calls itself "dev".
if version.split(".")[0] in ("0", "1"):
    answer(kind="old-kfp", kfp=version)
    sys.exit()
from kfp import compiler
from kfp.dsl import base_component, graph_component, pipeline_context
about.update(kfp=version, kfpFile=sys.modules.get("kfp.version", kfp).__file__)

apart = ("site-packages", "dist-packages", "__pycache__", os.path.dirname(os.path.abspath(os.__file__)))
folders = tuple(os.path.join(one, "") for one in request["own"])

def is_own(path):
    path = os.path.abspath(path)
    return path.startswith(folders) and not any(one in path for one in apart)

read = {}
room = 20000000

def keep(path):
    """Keeps the text of a file, as far as there is room: what is larger is no source."""
    global room
    try:
        size = os.path.getsize(path)
        if path not in read and size <= min(room, 1000000):
            with open(path, "rb") as bytes:
                read[path] = bytes.read().decode("utf-8")
            room -= size
    except (OSError, UnicodeDecodeError):
        pass

opened = set()

def watch(event, details):
    if event == "open" and isinstance(details[0], str) and not (details[2] or 0) & (os.O_WRONLY | os.O_RDWR):
        opened.add(details[0])

def sources():
    found = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    for path in [*found, *opened]:
        if isinstance(path, str) and is_own(path) and not path.endswith(".pyc"):
            keep(os.path.abspath(path))
    return read

def raised(error):
    lines = [line for line in traceback.format_exception_only(type(error), error) if line.strip()]
    result = {"message": lines[-1].strip()[:2000] if lines else type(error).__name__}
    own = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__) if is_own(frame.filename)]
    if isinstance(error, SyntaxError) and error.filename and is_own(error.filename):
        own.append((error.filename, error.lineno or 1))
    if own:
        result.update(path=os.path.abspath(own[-1][0]), line=own[-1][1] - 1)
    frames = traceback.TracebackException(type(error), error, error.__traceback__)
    while frames.stack and frames.stack[0].filename in ("<string>", "<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>"):
        del frames.stack[0]
    print("".join(frames.format()), file=sys.stderr)
    return result

columns = {}

def units(path, line, bytes):
    """A column in bytes of UTF-8 as one in units of UTF-16, which editors count in."""
    before = linecache.getline(path, line).encode("utf-8")[:bytes].decode("utf-8", "ignore")
    return len(before.encode("utf-16-le")) // 2

def place(columns_too):
    frame = sys._getframe(2)
    while frame and not is_own(frame.f_code.co_filename):
        frame = frame.f_back
    if not frame:
        return None
    path, code = frame.f_code.co_filename, frame.f_code
    at = [frame.f_lineno - 1]
    if columns_too and hasattr(code, "co_positions"):
        if code not in columns:
            columns[code] = list(code.co_positions())
        line, last, start, end = columns[code][frame.f_lasti // 2]
        if None not in (line, last, start, end):
            at = [line - 1, units(path, line, start), last - 1, units(path, last, end)]
    return {"path": os.path.abspath(path), "at": at}

places = {}
groups = {}

def remember(pipeline, name, where, nested):
    if where and isinstance(name, str):
        places.setdefault(pipeline, {})[name] = {**where, **({"pipeline": nested} if nested else {})}

def follow():
    """Notes where each task and each group is made."""
    add, push = pipeline_context.Pipeline.add_task, pipeline_context.Pipeline.push_tasks_group
    def add_task(self, task, *args, **kwargs):
        name = add(self, task, *args, **kwargs)
        nested = getattr(task.component_spec.implementation, "graph", None)
        remember(self.name, name, place(True), task.component_spec.name if nested else None)
        return name
    def push_tasks_group(self, group, *args, **kwargs):
        # A group is all of its block: its first line is enough. An Else gives the If before it another name and place.
        if id(group) not in groups:
            groups[id(group)] = (self.name, group, place(False))
        return push(self, group, *args, **kwargs)
    pipeline_context.Pipeline.add_task = add_task
    pipeline_context.Pipeline.push_tasks_group = push_tasks_group

try:
    follow()
except AttributeError:
    # Another kfp than those that are known: then nodes lead to no line.
    pass

def bindings(body):
    """Where the names of a module's own statements are bound: first line, line of the name, last line."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            yield node.name, (first - 1, node.lineno - 1, node.end_lineno - 1)
        elif not isinstance(node, (ast.ClassDef, ast.Import, ast.ImportFrom)):
            for part in ast.iter_child_nodes(node):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    yield part.id, (node.lineno - 1, part.lineno - 1, node.end_lineno - 1)
                elif isinstance(part, (ast.Tuple, ast.List)):
                    for one in ast.walk(part):
                        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
                            yield one.id, (node.lineno - 1, one.lineno - 1, node.end_lineno - 1)
            for block in ("body", "orelse", "finalbody"):
                yield from bindings(getattr(node, block, None) or []) if isinstance(getattr(node, block, None), list) else ()
            for handler in getattr(node, "handlers", []):
                yield from bindings(handler.body)

def compiled(module):
    names = dict(bindings(ast.parse(read[file]).body)) if file in read else {}
    found = {name: value for name, value in vars(module).items() if isinstance(value, base_component.BaseComponent)}
    own = {name: value for name, value in found.items() if name in names} or found
    seen = []
    for number, (symbol, value) in enumerate(own.items()):
        if any(value is one for one in seen):
            continue
        seen.append(value)
        kind = "pipeline" if isinstance(value, graph_component.GraphComponent) else "component"
        result = {"kind": kind, "symbol": symbol, "lines": names.get(symbol, (0, 0, 0))}
        path = os.path.join(request["folder"], "%d.yaml" % number)
        try:
            compiler.Compiler().compile(pipeline_func=value, package_path=path)
        except Exception as error:
            yield {**result, "raised": raised(error)}
            continue
        if os.path.exists(path):
            with open(path, encoding="utf-8", newline="") as text:
                result["yaml"] = text.read()
        yield result

keep(file)
sys.addaudithook(watch)
sys.path.insert(0, os.path.dirname(file))
sys.path.extend(root for root in request["roots"] if root not in sys.path)
try:
    spec = importlib.util.spec_from_file_location(request["module"], file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[request["module"]] = module
    spec.loader.exec_module(module)
except BaseException as error:
    answer(kind="raised", raised=raised(error), sources=sources())
    sys.exit()
definitions = list(compiled(module))
for pipeline, group, where in groups.values():
    # If, Elif and Else are together where the first of them is.
    parts = [groups[id(one)][2] for one in group.groups if id(one) in groups]
    remember(pipeline, group.name, parts[0] if parts and group.name.startswith("condition-branches") else where, None)
answer(kind="compiled", definitions=definitions, places=places, sources=sources())
`;
