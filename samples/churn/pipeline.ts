// Churn: make customers, train a random forest on them, evaluate it, write a report.
//
// The same pipeline as pipeline.py, in TypeScript. Its Python components are imported as they are;
// the report is a component of its own.
import {
  component,
  pipeline,
  type Dataset,
  type HTML,
  type Input,
  type Int,
  type Metrics,
  type Output,
} from "millrace";
import { evaluate, load_data, train } from "./pipeline.py";

// %% [markdown]
// ## Report
// One page for people: how good the model is, and on what data it was trained.
// `metrics` and `data` come from the steps before; `report` is the page that this one writes.

// %% Report
export const report = component(
  { description: "Write the scores and the data's size as a page." },
  ({ metrics, data, report }: { metrics: Input<Metrics>; data: Input<Dataset>; report: Output<HTML> }) => {
    const scores = Object.entries(metrics.metadata).map(([name, value]) => bar(name, Number(value)));
    const facts = `${data.metadata.rows} customers, ${data.metadata.features} features`;
    report.write(page("Churn", facts, scores.join("\n")));
    console.log(`wrote the report: ${facts}`);
  },
);

/** A score between 0 and 1 as a bar with its percentage. */
function bar(name: string, value: number): string {
  const percent = (100 * value).toFixed(1);
  return `<dt>${name}</dt><dd><meter value="${value}"></meter> ${percent} %</dd>`;
}

function page(title: string, facts: string, scores: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<title>${title}</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 3rem auto; padding: 0 1rem; color-scheme: light dark }
  h1 { margin: 0 } p { opacity: 0.7 }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.5rem 1.5rem } dd { margin: 0 } meter { width: 12rem }
</style>
<h1>${title}</h1>
<p>${facts}</p>
<dl>
${scores}
</dl>
`;
}

// %% Pipeline
export const churn = pipeline(
  { name: "churn-training-v2", description: "Load customers, train a random forest, evaluate it, write a report." },
  ({ rows = 5000, nEstimators = 200 }: { rows?: Int; nEstimators?: Int }) => {
    const { data } = load_data({ rows });
    const { out_model } = train({ dataset: data, n_estimators: nEstimators });
    const { metrics } = evaluate({ dataset: data, model: out_model });
    report({ metrics, data });
  },
);
