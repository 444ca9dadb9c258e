/**
 * The one door to @vscode/webview-ui-toolkit, which is archived: whoever replaces
 * it writes these functions anew and nothing else.
 */
import {
  Button,
  Checkbox,
  Dropdown,
  Option,
  provideVSCodeDesignSystem,
  TextArea,
  TextField,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeTextArea,
  vsCodeTextField,
} from "@vscode/webview-ui-toolkit";

provideVSCodeDesignSystem().register(
  vsCodeButton(),
  vsCodeCheckbox(),
  vsCodeDropdown(),
  vsCodeOption(),
  vsCodeTextArea(),
  vsCodeTextField(),
);

/** A control with a text for a value. */
export interface Control {
  readonly element: HTMLElement;
  value(): string;
  set(value: string): void;
  onChange(listener: () => void): void;
}

export interface Labels {
  readonly id: string;
  readonly label: string;
  readonly describedBy?: string;
}

export function textField(labels: Labels, value: string, placeholder = ""): Control {
  const field = new TextField();
  field.placeholder = placeholder;
  return control(field, labels, value);
}

export function textArea(labels: Labels, value: string): Control {
  const area = new TextArea();
  area.rows = Math.min(8, Math.max(2, value.split("\n").length));
  area.resize = "vertical";
  return control(area, labels, value);
}

export function dropdown(
  labels: Labels,
  options: readonly { readonly value: string; readonly text: string }[],
  value: string,
): Control {
  const list = new Dropdown();
  for (const { value, text } of options) list.append(new Option(text, value));
  // The list takes its options over a moment after it is attached.
  const chosen = control(list, labels, value);
  queueMicrotask(() => chosen.set(value));
  return chosen;
}

export function checkbox(labels: Labels, checked: boolean): { readonly element: HTMLElement; checked(): boolean } {
  const box = new Checkbox();
  box.checked = checked;
  box.textContent = labels.label;
  name(box, labels);
  return { element: box, checked: () => box.checked };
}

export function button(
  label: string,
  look: "primary" | "secondary",
  press: () => void,
): HTMLElement & { disabled: boolean } {
  const element = new Button();
  element.appearance = look;
  element.textContent = label;
  element.addEventListener("click", press);
  return element;
}

function control(element: TextField | TextArea | Dropdown, labels: Labels, value: string): Control {
  name(element, labels);
  element.value = value;
  return {
    element,
    value: () => element.value,
    set: (next) => {
      element.value = next;
    },
    onChange: (listener) => {
      element.addEventListener("input", listener);
      element.addEventListener("change", listener);
    },
  };
}

function name(element: HTMLElement, { id, label, describedBy }: Labels): void {
  element.id = id;
  element.dataset["id"] = id;
  element.setAttribute("aria-label", label);
  if (describedBy !== undefined) element.setAttribute("aria-describedby", describedBy);
}
