# %% [markdown]
# # Cells
# %% Names
from kfp import dsl

from steps import load

# %% Steps
@dsl.component
def double(number: int, times: int = 2) -> int:
    """Doubles."""
    return number * times

# %% Pipeline
@dsl.pipeline
def doubled(number: int = 4):
    first = double(number=number)
    double(number=first.output, times=3)
    load(rows=number)
