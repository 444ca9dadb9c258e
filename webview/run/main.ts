/** The form before a run: its inputs, where it runs, whether the cache counts. */
import "../theme.css";
import "./run.css";
import { connectHost, expectView, keep, kept } from "../host.ts";
import type { ArtifactField, FormField, RunFormView } from "../protocol.ts";
import { button, checkbox, type Control, dropdown, textArea, textField } from "../ui.ts";
import { artifactType } from "../words.ts";
import { initialText, readField, readForm, textOf, typeWord } from "./form.ts";

let view: RunFormView | undefined;
let controls = new Map<string, Control>();
let artifactControls = new Map<string, Control>();
let target: Control | undefined;
let caching: { checked(): boolean } | undefined;
/** What people chose is theirs while the form is about the same thing. */
interface Choices {
  readonly texts: Readonly<Record<string, string>>;
  readonly target: string;
  readonly caching: boolean;
}

const form = document.createElement("form");
form.setAttribute("aria-label", "Run");
const failure = document.createElement("p");
failure.className = "failure";
failure.setAttribute("role", "alert");
document.body.append(form);

const host = connectHost({
  show: (shown) => show(expectView(shown, "run-form")),
  reveal: () => undefined,
  picture: () => "",
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey || !isArea(event.target))) {
    event.preventDefault();
    submit();
  }
});

form.addEventListener("input", keepChoices);
form.addEventListener("change", keepChoices);

/** What people typed stays when only the state of the form changes, and when the form was hidden. */
function show(next: RunFormView): void {
  const known = kept();
  const choices = JSON.stringify(known["restore"]) === JSON.stringify(next.restore) ? keptChoices(known) : undefined;
  const same = view && JSON.stringify([view.fields, view.artifacts]) === JSON.stringify([next.fields, next.artifacts]);
  view = next;
  keep({ restore: next.restore, choices });
  draw(next, choices ?? { texts: {}, target: next.target, caching: next.caching }, same !== true);
}

function keepChoices(): void {
  if (!view) return;
  const choices: Choices = {
    texts: texts(),
    target: target?.value() ?? view.target,
    caching: caching?.checked() ?? view.caching,
  };
  keep({ choices });
}

function keptChoices(known: Readonly<Record<string, unknown>>): Choices | undefined {
  const { choices } = known;
  // SAFETY: `keepChoices` alone writes it.
  return typeof choices === "object" && choices !== null ? (choices as Choices) : undefined;
}

function draw(next: RunFormView, choices: Choices, focus: boolean): void {
  controls = new Map();
  artifactControls = new Map();
  const heading = document.createElement("h1");
  heading.textContent = `Run ${next.name}`;
  const from = document.createElement("p");
  from.className = "from";
  from.textContent = [next.file, next.description].filter(Boolean).join(" — ");
  const rows = next.fields.map((field) => fieldRow(field, choices.texts[field.name] ?? initialText(field)));
  const artifacts = next.artifacts.map(artifactRow);
  target = dropdown(
    { id: "target", label: "Where it runs" },
    next.targets.map(({ name, label }) => ({ value: name, text: label })),
    next.targets.some(({ name }) => name === choices.target) ? choices.target : next.target,
  );
  const addCluster = button("Add a Cluster…", "secondary", () => void host.call("addCluster"));
  addCluster.dataset["id"] = "add-cluster";
  addCluster.disabled = next.restricted !== undefined;
  const cache = checkbox(
    { id: "caching", label: "Use the cache: skip steps whose inputs and code have not changed" },
    choices.caching,
  );
  caching = cache;
  const run = button(
    next.busy ? "Starting…" : next.what === "pipeline" ? "Run pipeline" : "Run step",
    "primary",
    submit,
  );
  run.dataset["id"] = "submit";
  run.disabled = next.busy || next.restricted !== undefined || next.artifacts.some(isMissing);
  failure.textContent = next.restricted ?? next.error ?? "";
  const none = document.createElement("p");
  none.className = "hint";
  none.textContent = `This ${next.what} has no inputs.`;
  form.replaceChildren(
    heading,
    from,
    ...rows,
    ...artifacts,
    ...(rows.length + artifacts.length === 0 ? [none] : []),
    labelled("Where it runs", target.element),
    addCluster,
    cache.element,
    failure,
    run,
  );
  if (focus) (controls.values().next().value?.element ?? run).focus();
}

function fieldRow(field: FormField, text: string): HTMLElement {
  const hint = document.createElement("div");
  hint.className = "hint";
  hint.id = `hint-${field.name}`;
  const labels = { id: `field-${field.name}`, label: field.name, describedBy: hint.id };
  const control = controlOf(field, labels, text);
  controls.set(field.name, control);
  const check = () => {
    const read = readField(field, control.value());
    const wrong = read.kind === "wrong";
    hint.textContent = wrong ? read.message : hintOf(field);
    hint.classList.toggle("wrong", wrong);
    control.element.setAttribute("aria-invalid", String(wrong));
  };
  hint.textContent = hintOf(field);
  control.onChange(check);
  return labelled(field.required ? `${field.name} *` : field.name, control.element, typeWord(field.type), hint);
}

function controlOf(
  field: FormField,
  labels: { id: string; label: string; describedBy: string },
  text: string,
): Control {
  if (field.literals)
    return dropdown(
      labels,
      field.literals.map((each) => ({ value: textOf(each, field.type), text: textOf(each, field.type) })),
      text,
    );
  if (field.type === "BOOLEAN") {
    const options = [
      { value: "true", text: "true" },
      { value: "false", text: "false" },
    ];
    return dropdown(
      labels,
      field.required || text !== "" ? options : [{ value: "", text: "(default)" }, ...options],
      text,
    );
  }
  if (field.type === "LIST" || field.type === "STRUCT") return textArea(labels, text);
  return textField(labels, text, textOf(field.defaultValue, field.type));
}

function hintOf(field: FormField): string {
  const parts = [field.description];
  if (field.defaultValue !== undefined) parts.push(`Default: ${textOf(field.defaultValue, field.type) || "empty"}.`);
  return parts.filter(Boolean).join(" ");
}

function artifactRow(field: ArtifactField): HTMLElement {
  const options = field.candidates.map(({ id, label }) => ({ value: id, text: label }));
  const control = dropdown(
    { id: `artifact-${field.name}`, label: field.name },
    field.required ? options : [...options, { value: "", text: "(none)" }],
    options[0]?.value ?? "",
  );
  artifactControls.set(field.name, control);
  const hint = document.createElement("div");
  hint.className = "hint";
  if (isMissing(field)) {
    hint.classList.add("wrong");
    hint.textContent = `No ${artifactType(field.type)} is known yet. Run the pipeline once; its artifacts can then be used here.`;
  }
  return labelled(field.required ? `${field.name} *` : field.name, control.element, artifactType(field.type), hint);
}

function isMissing(field: ArtifactField): boolean {
  return field.required && field.candidates.length === 0;
}

function submit(): void {
  if (!view || view.busy || view.restricted !== undefined) return;
  const { values, wrong } = readForm(view.fields, texts());
  const [first] = Object.keys(wrong);
  if (first !== undefined) {
    const control = controls.get(first);
    control?.element.dispatchEvent(new Event("change"));
    control?.element.focus();
    return;
  }
  const artifacts: Record<string, string> = {};
  for (const [name, control] of artifactControls) if (control.value() !== "") artifacts[name] = control.value();
  void host.call("submit", {
    values,
    artifacts,
    target: target?.value() ?? view.target,
    caching: caching?.checked() ?? view.caching,
  });
}

function texts(): Readonly<Record<string, string>> {
  return Object.fromEntries([...controls].map(([name, control]) => [name, control.value()]));
}

function labelled(label: string, control: HTMLElement, type?: string, hint?: HTMLElement): HTMLElement {
  const row = document.createElement("div");
  row.className = "row";
  const head = document.createElement("label");
  head.htmlFor = control.id;
  head.textContent = label;
  if (type !== undefined) {
    const small = document.createElement("span");
    small.className = "type";
    small.textContent = type;
    head.append(small);
  }
  row.append(head, control, ...(hint ? [hint] : []));
  return row;
}

function isArea(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.tagName.toLowerCase() === "vscode-text-area";
}
