from kfp import dsl, kubernetes
from steps import count, load, train


@dsl.pipeline(name="flow", description="Loads, trains, counts.")
def flow(rows: int = 100, rates: list = [0.1, 0.2]):
    loaded = load(rows=rows, seed=3)
    loaded.set_memory_limit("2Gi").set_accelerator_type("nvidia.com/gpu")
    kubernetes.mount_pvc(loaded, pvc_name="data", mount_path="/data")
    counted = count()
    with dsl.If(counted.output > 2):
        with dsl.ParallelFor(rates) as rate:
            trained = train(
                data=loaded.outputs["data"],
                rate=rate,
            )
            print(trained.outputs["loss"])


@dsl.pipeline
def twice():
    load(rows=1)
    load(rows=2)
