"""The real SDK's answers to files of other people: one JSON request a line in, one answer a line out.

Request: {"id", "path", "roots": [folder, …], "module": dotted name or null}. Answer: {"id", "definitions": {symbol:
{"yaml"} | {"error"}}, "stubbed": modules that are not installed} or {"id", "error", "line"}. As `kfp dsl compile`
imports the file: by its bare name, then, where that fails for a package, by its dotted one. Modules that are not
installed are then stood in for by empty ones, since they matter to a pipeline only where it computes with them.

This executes the files: call it where neither network nor home can be reached. Each file has its own forked child
with 30 seconds, and works in its file's folder.
"""

import contextlib
import importlib.abc
import importlib.machinery
import io
import json
import os
import signal
import sys
import tempfile
import traceback
import types
import warnings
from unittest import mock

warnings.filterwarnings("ignore")
import kfp  # noqa: E402
import kfp.registry  # noqa: F401 E402
from kfp import compiler, components, dsl, kubernetes, local  # noqa: F401 E402
from kfp.dsl import base_component  # noqa: E402

compile_file = compiler.Compiler.compile


def compile_quietly(*given, **named):
    """What the file itself compiles is written where that may be: reading it back is what some do."""
    with contextlib.suppress(OSError):
        return compile_file(*given, **named)


sys.dont_write_bytecode = True


class Anything(type):
    """A class whose members and values are whatever is asked for, and that can be inherited from."""

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return mock.MagicMock(name=name)

    def __call__(cls, *given, **named):
        return mock.MagicMock(name=cls.__name__)


class Stub(types.ModuleType):
    __path__: list = []

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        value = Anything(name, (), {"__module__": self.__name__}) if name[:1].isupper() else mock.MagicMock(name=name)
        setattr(self, name, value)
        return value


class Stubs(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self):
        self.names = []

    def find_spec(self, name, path=None, target=None):
        if name.startswith(("kfp.", "google.")) and not name.startswith("google.cloud"):
            return None
        self.names.append(name)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return Stub(spec.name)

    def exec_module(self, module):
        pass


def own_function(value):
    return getattr(value, "pipeline_func", None) or getattr(value, "python_func", None)


def answer(request, folder, name, stubs):
    path = request["path"]
    os.chdir(os.path.dirname(path))
    sys.path[:0] = [os.path.dirname(path), *request["roots"]]
    if stubs:
        sys.meta_path.append(stubs)
    compiler.Compiler.compile = compile_quietly
    # A cluster is there where people run such a file.
    kfp.Client = kfp.client.Client = mock.MagicMock(name="Client")
    out = os.path.join(folder, "out.yaml")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            module = __import__(name, fromlist=["*"])
            found = {}
            for symbol, value in list(vars(module).items()):
                if not isinstance(value, base_component.BaseComponent):
                    continue
                code = getattr(own_function(value), "__code__", None)
                if code is not None and os.path.realpath(code.co_filename) != os.path.realpath(path):
                    continue
                try:
                    compile_file(compiler.Compiler(), value, out)
                    with open(out, encoding="utf-8", newline="") as file:
                        found[symbol] = {"yaml": file.read(), "own": code is not None}
                except Exception as problem:
                    found[symbol] = {"error": f"{type(problem).__name__}: {problem}"[:600], "own": code is not None}
        return {"definitions": found, "stubbed": stubs.names if stubs else []}
    except BaseException as problem:
        frames = [f.lineno for f in traceback.extract_tb(problem.__traceback__) if f.filename == path]
        line = problem.lineno if isinstance(problem, SyntaxError) else frames[-1] if frames else None
        return {
            "error": f"{type(problem).__name__}: {problem}"[:600],
            "line": line,
            "import": isinstance(problem, ImportError),
            "stubbed": stubs.names if stubs else [],
        }


def in_child(*given):
    read, write = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            signal.alarm(30)
            os.close(read)
            with contextlib.suppress(BaseException), os.fdopen(write, "w") as pipe:
                os.dup2(os.open(os.devnull, os.O_RDWR), 0)
                os.dup2(0, 1)
                os.dup2(0, 2)
                json.dump(answer(given[0], folder, *given[1:]), pipe)
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as pipe:
            text = pipe.read()
        os.waitpid(pid, 0)
    return json.loads(text) if text else {"error": "died", "line": None, "import": False}


def all_answers(request):
    plain = os.path.splitext(os.path.basename(request["path"]))[0]
    names = [plain, *([request["module"]] if request["module"] not in (None, plain) else [])]
    first = None
    for stubs in (None, Stubs()):
        for name in names:
            got = in_child(request, name, stubs)
            if "definitions" in got:
                return got
            first = got if first is None or stubs and not got["import"] else first
            if not got["import"]:
                return got
    return first


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"id": request["id"], **all_answers(request)}), flush=True)
