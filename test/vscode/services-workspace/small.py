from kfp import dsl


@dsl.container_component
def say(words: str):
    return dsl.ContainerSpec(image="busybox", command=["sh", "-c", 'echo "$0"'], args=[words])


@dsl.pipeline(name="small")
def small(words: str = "hello"):
    say(words=words)
