"""Pipelines of the cluster tests, as a KFP user writes them. `steps.*.yaml` are what kfp 2.17.0 makes of them."""
from typing import List

from kfp import dsl, kubernetes


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    print(text)
    return text


@dsl.component(base_image="python:3.11")
def double(n: int) -> int:
    return 2 * n


@dsl.component(base_image="python:3.11")
def total(numbers: List[int]) -> int:
    return sum(numbers)


@dsl.component(base_image="python:3.11")
def count(to: int):
    import time

    for n in range(1, to + 1):
        print(f"{n} of {to}", flush=True)
        time.sleep(1)


@dsl.component(base_image="python:3.11")
def fail(message: str):
    import sys

    print(message, file=sys.stderr)
    sys.exit(3)


@dsl.component(base_image="python:3.11")
def eat(megabytes: int):
    print(len(bytearray(megabytes << 20)))


@dsl.component(base_image="python:3.11")
def tidy(status: dsl.PipelineTaskFinalStatus):
    print("tidied after", status.state)


@dsl.pipeline(name="settings")
def settings():
    small = (
        say(text="small")
        .set_cpu_request("100m")
        .set_cpu_limit("200m")
        .set_memory_request("64Mi")
        .set_memory_limit("512Mi")
    )
    kubernetes.add_node_selector(small, label_key="kubernetes.io/os", label_value="linux")
    kubernetes.add_toleration(small, key="nvidia.com/gpu", operator="Exists", effect="NoSchedule")
    large = say(text="large").set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(64).set_caching_options(False)
    kubernetes.add_toleration(large, key="nvidia.com/gpu", operator="Exists", effect="NoSchedule")


@dsl.pipeline(name="failing")
def failing():
    with dsl.ExitHandler(tidy()):
        failed = fail(message="no such column: price")
        say(text="never").after(failed)


@dsl.pipeline(name="hungry")
def hungry():
    # Enough for pip, which runs first: below that a pod does not die, it crawls, and the node with it.
    eat(megabytes=2000).set_memory_limit("512Mi")


@dsl.pipeline(name="branching")
def branching(items: List[int] = [1, 3]):
    with dsl.ParallelFor(items) as n:
        doubled = double(n=n)
        with dsl.If(doubled.output > 3):
            say(text="large")
    count(to=6).set_caching_options(False)
    total(numbers=dsl.Collected(doubled.output))
