"""The real SDK's answers to many small files: one JSON request a line in, one answer a line out.

Request: {"id": …, "source": text, "function": name or null}. Answer: {"id", "yaml"} or {"id", "error", "line"},
and the kfp package's own warnings for the file's lines: {"warnings": [{"text", "line"}]}.
Each file is compiled in a forked child, so that nothing of it is left behind; a child has 20 seconds.
"""

import contextlib
import io
import json
import os
import signal
import sys
import tempfile
import traceback
import warnings

warnings.filterwarnings("ignore")
from kfp import compiler, dsl, kubernetes  # noqa: F401 E402
from kfp.dsl import base_component, graph_component  # noqa: E402

compile_file = compiler.Compiler.compile


def compile_here(self, pipeline_func, package_path, *given, **named):
    """A file's own calls write into its folder and into temporary ones only, and nothing else."""
    if os.path.dirname(package_path) == "" or package_path.startswith(tempfile.gettempdir()):
        compile_file(self, pipeline_func, package_path, *given, **named)


compiler.Compiler.compile = compile_here


def chosen(module, name):
    if name in module:
        return module[name]
    values = [v for v in module.values() if isinstance(v, base_component.BaseComponent)]
    pipelines = [v for v in values if isinstance(v, graph_component.GraphComponent)]
    return (pipelines or values)[-1]


def answer(request, folder):
    path = os.path.join(folder, "pipeline.py")
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(request["source"])
    os.chdir(folder)
    sys.path.insert(0, folder)
    out = os.path.join(folder, "out.yaml")
    import importlib.util

    caught = []
    warnings.showwarning = lambda message, category, filename, lineno, *_: caught.append((str(message), filename, lineno))
    warnings.resetwarnings()
    warnings.simplefilter("always")
    try:
        spec = importlib.util.spec_from_file_location("pipeline", path)
        module = importlib.util.module_from_spec(spec)
        sys.modules["pipeline"] = module
        with contextlib.redirect_stdout(io.StringIO()):
            spec.loader.exec_module(module)
            compile_file(compiler.Compiler(), chosen(vars(module), request.get("function")), out)
        with open(out, encoding="utf-8", newline="") as file:
            text = file.read()
        return {
            "yaml": text,
            "warnings": [{"text": m, "line": line if f == path else None} for m, f, line in caught],
        }
    except BaseException as problem:
        frames = [f.lineno for f in traceback.extract_tb(problem.__traceback__) if f.filename == path]
        line = problem.lineno if isinstance(problem, SyntaxError) else frames[-1] if frames else None
        return {"error": f"{type(problem).__name__}: {problem}"[:600], "line": line}


def in_child(request):
    read, write = os.pipe()
    with tempfile.TemporaryDirectory() as folder:
        pid = os.fork()
        if pid == 0:
            signal.alarm(20)
            os.close(read)
            with contextlib.suppress(BaseException), os.fdopen(write, "w") as pipe:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                os.dup2(1, 2)
                json.dump(answer(request, folder), pipe)
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as pipe:
            text = pipe.read()
        os.waitpid(pid, 0)
    return json.loads(text) if text else {"error": "died", "line": None}


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"id": request["id"], **in_child(request)}), flush=True)
