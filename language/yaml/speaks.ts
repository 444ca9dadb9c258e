/** Whether a YAML or JSON text is of pipelines: compiled, or a component as the SDK's first version wrote it. */
export function yamlSpeaksOfPipelines(text: string): boolean {
  return text.includes("pipelineInfo") || /^implementation:(?:\s+#.*)?\s+container:/m.test(text);
}
