/** Cases that are not identical yet. The list only shrinks: an entry that becomes identical fails its test. */
export const knownFailures: ReadonlySet<string> = new Set([
  // Components of google_cloud_pipeline_components, whose source is not there to be read.
  "pipeline_with_condition_dynamic_task_output_custom_training_job",
]);
