"""Steps that pipelines of this folder use."""
from typing import NamedTuple

from kfp import dsl
from kfp.dsl import Dataset, Input, Model, Output


@dsl.component(base_image="python:3.12", packages_to_install=["pandas==2.2.0"])
def load(rows: int, data: Output[Dataset], seed: int = 7):
    """Loads customers.

    Args:
        rows: How many customers.
        seed: Where chance begins.
    """
    print(rows, f"{rows:>5}", seed)


@dsl.component
def train(
    data: Input[Dataset],
    model: Output[Model],
    rate: float = 0.1,
) -> NamedTuple("Outputs", [("loss", float), ("epochs", int)]):
    return (0.1, 1)


@dsl.component
def count() -> int:
    return 3
