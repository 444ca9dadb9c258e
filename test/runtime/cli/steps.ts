/** A compiled pipeline of shell steps, which run anywhere without Python: name → script; each after the one before. */
export function shellPipeline(steps: Readonly<Record<string, string>>): string {
  const names = Object.keys(steps);
  const tasks = Object.fromEntries(
    names.map((name, i) => [
      name,
      {
        taskInfo: { name },
        componentRef: { name: `comp-${name}` },
        cachingOptions: { enableCache: true },
        ...(i > 0 ? { dependentTasks: [names[i - 1]] } : {}),
        inputs: { parameters: { word: { componentInputParameter: "word" } } },
      },
    ]),
  );
  const inputDefinitions = { parameters: { word: { parameterType: "STRING", defaultValue: "hello" } } };
  return JSON.stringify({
    pipelineInfo: { name: "shell" },
    components: Object.fromEntries(
      names.map((name) => [`comp-${name}`, { executorLabel: `exec-${name}`, inputDefinitions }]),
    ),
    deploymentSpec: {
      executors: Object.fromEntries(
        names.map((name) => [
          `exec-${name}`,
          { container: { image: "alpine", command: ["sh", "-c", steps[name], "{{$.inputs.parameters['word']}}"] } },
        ]),
      ),
    },
    root: { inputDefinitions, dag: { tasks } },
    schemaVersion: "2.1.0",
    sdkVersion: "kfp-2.17.0",
  });
}
