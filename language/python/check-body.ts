/** What will fail in a component's container although the SDK compiles it. */
import { diagnose } from "../diagnostics.ts";
import { absentModules } from "./body-modules.ts";
import { freeNames } from "./body-names.ts";
import type { Machine } from "./machine.ts";
import { type FunctionValue, isUnknown } from "./values.ts";

export interface Surroundings {
  readonly component: string;
  readonly image: string;
  readonly packages: readonly string[];
  /** Names that stand before the function in its program: functions that travel with it, imported classes. */
  readonly names: readonly string[];
  /** Whether a folder of modules travels with it. */
  readonly embedded: boolean;
}

/** Warns of names from outside of the function, and of modules that nothing provides. */
export function checkBody(machine: Machine, target: FunctionValue, around: Surroundings): void {
  const known = new Set([...around.names, target.name]);
  const bodyStart = target.body.kind === "lambda" ? 0 : (target.body.body[0]?.start ?? 0);
  for (const [name, { start, end }] of freeNames(target)) {
    if (known.has(name) || name.startsWith("__KFP") || programNames().has(name)) continue;
    if (machine.module("builtins")?.lookup?.(name) !== undefined || builtinNames.test(name)) continue;
    const value = target.scope.get(name);
    // A type that cannot be read may well be an artifact's: the SDK imports those.
    if (value === undefined || (isUnknown(value) && start < bodyStart)) continue;
    machine.report({
      ...diagnose("outside-name", { path: target.span.path, start, end }, name, around.component),
      hint: "Define or import it inside of the function, give it as an input, or name a function in additional_funcs.",
    });
  }
  if (around.embedded) return;
  for (const { module, distribution, start, end } of absentModules(target, around.image, around.packages)) {
    machine.report({
      ...diagnose("absent-module", { path: target.span.path, start, end }, module, around.image),
      hint: `Add "${distribution}" to packages_to_install.`,
    });
  }
}

const builtinNames =
  /^(?:__\w+__|(?:[A-Z]\w*)?(?:Error|Warning|Exception|Interrupt|Exit|Iteration|Group)|Ellipsis|NotImplemented|None|True|False)$/;

let names: ReadonlySet<string> | undefined;

/** What `from kfp.dsl import *` and `from typing import *` bring into every program, and kfp and dsl themselves. */
function programNames(): ReadonlySet<string> {
  names ??= new Set(
    `kfp dsl Artifact ClassificationMetrics Dataset HTML Input InputPath Markdown Metrics Model Output OutputPath
    PIPELINE_JOB_CREATE_TIME_UTC_PLACEHOLDER PIPELINE_JOB_ID_PLACEHOLDER PIPELINE_JOB_NAME_PLACEHOLDER
    PIPELINE_JOB_RESOURCE_NAME_PLACEHOLDER PIPELINE_JOB_SCHEDULE_TIME_UTC_PLACEHOLDER PIPELINE_ROOT_PLACEHOLDER
    PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER PIPELINE_TASK_EXECUTOR_OUTPUT_PATH_PLACEHOLDER
    PIPELINE_TASK_ID_PLACEHOLDER PIPELINE_TASK_NAME_PLACEHOLDER PipelineTaskFinalStatus
    SlicedClassificationMetrics TaskConfig WORKSPACE_PATH_PLACEHOLDER get_uri run_notebook
    AbstractSet Annotated Any AnyStr AsyncContextManager AsyncGenerator AsyncIterable AsyncIterator Awaitable
    BinaryIO ByteString Callable ChainMap ClassVar Collection Concatenate Container ContextManager Coroutine
    Counter DefaultDict Deque Dict Final ForwardRef FrozenSet Generator Generic Hashable IO ItemsView Iterable
    Iterator KeysView List Literal LiteralString Mapping MappingView Match MutableMapping MutableSequence
    MutableSet NamedTuple Never NewType NoReturn NotRequired Optional OrderedDict ParamSpec ParamSpecArgs
    ParamSpecKwargs Pattern Protocol Required Reversible Self Sequence Set Sized SupportsAbs SupportsBytes
    SupportsComplex SupportsFloat SupportsIndex SupportsInt SupportsRound TYPE_CHECKING Text TextIO Tuple Type
    TypeAlias TypeGuard TypeVar TypeVarTuple TypedDict Union Unpack ValuesView assert_never assert_type cast
    clear_overloads dataclass_transform final get_args get_origin get_overloads get_type_hints is_typeddict
    no_type_check no_type_check_decorator overload override reveal_type runtime_checkable`.split(/\s+/),
  );
  return names;
}
