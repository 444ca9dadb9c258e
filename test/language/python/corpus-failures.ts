/** Cases that are not identical yet. The list only shrinks: an entry that becomes identical fails its test. */
export const knownFailures: ReadonlySet<string> = new Set([]);

/** Packages that the SDK had when it compiled a case, whose source is read. Where one cannot be had, the case is skipped. */
export const needed: ReadonlyMap<string, string> = new Map([
  ["pipeline_with_condition_dynamic_task_output_custom_training_job", "google-cloud-pipeline-components==2.22.0"],
]);
