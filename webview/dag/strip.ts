/** The strip under the graph: all about the selected node, and what can be opened for it. */
import type { DagNode } from "../../language/dag/view.ts";
import { icon, toolButton } from "../icons.ts";
import type { NodeState } from "../protocol.ts";
import { stateLook } from "../words.ts";
import { stateText } from "./model.ts";

export interface StripEvents {
  openLog(id: string): void;
  openSource(id: string): void;
}

export interface Strip {
  readonly element: HTMLElement;
  show(node: DagNode | undefined, state: NodeState | undefined): void;
}

export function createStrip(events: StripEvents): Strip {
  const element = document.createElement("section");
  element.className = "strip";
  element.setAttribute("aria-label", "Selected step");
  element.hidden = true;
  let shown = "";

  /** Buttons stay while a step runs: a press, or the keyboard's place on one, would be lost with it. */
  function build(node: DagNode, hasLog: boolean): void {
    const name = document.createElement("strong");
    name.textContent = node.label;
    const facts = document.createElement("span");
    facts.className = "facts";
    const buttons = document.createElement("span");
    buttons.className = "buttons";
    buttons.append(toolButton("source", "Open source", () => events.openSource(node.id), "Source"));
    if (hasLog) buttons.append(toolButton("log", "Open log", () => events.openLog(node.id), "Log"));
    const reason = document.createElement("p");
    reason.className = "reason";
    element.dataset["id"] = node.id;
    element.replaceChildren(name, facts, buttons, reason);
  }

  return {
    element,
    show(node, state) {
      element.hidden = node === undefined;
      if (!node) return;
      const hasLog = state !== undefined && node.kind === "task";
      const next = JSON.stringify([node.id, node.label, hasLog]);
      if (next !== shown) build(node, hasLog);
      shown = next;
      element.querySelector(".facts")?.replaceChildren(...factsOf(node, state));
      const reason = element.querySelector<HTMLElement>(".reason");
      if (!reason) return;
      reason.hidden = state?.reason === undefined;
      reason.textContent = state?.reason ?? "";
    },
  };
}

function factsOf(node: DagNode, state: NodeState | undefined): readonly HTMLElement[] {
  const facts: HTMLElement[] = [];
  if (state) {
    const word = document.createElement("span");
    word.className = `tone-${stateLook(state.state).tone}`;
    word.append(icon(stateLook(state.state).tone), stateText(state));
    facts.push(word);
  }
  for (const fact of [node.detail, node.image, ...node.badges]) {
    if (fact === undefined) continue;
    const item = document.createElement("span");
    item.textContent = fact;
    facts.push(item);
  }
  return facts;
}
