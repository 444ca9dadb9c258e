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
  return {
    element,
    show(node, state) {
      element.hidden = node === undefined;
      element.replaceChildren();
      if (!node) return;
      element.dataset["id"] = node.id;
      const name = document.createElement("strong");
      name.textContent = node.label;
      const facts = document.createElement("span");
      facts.className = "facts";
      if (state) {
        const word = document.createElement("span");
        word.className = `tone-${stateLook(state.state).tone}`;
        word.append(icon(stateLook(state.state).tone), stateText(state));
        facts.append(word);
      }
      for (const fact of [node.detail, node.image, ...node.badges]) {
        if (fact === undefined) continue;
        const item = document.createElement("span");
        item.textContent = fact;
        facts.append(item);
      }
      const buttons = document.createElement("span");
      buttons.className = "buttons";
      buttons.append(toolButton("source", "Open source", () => events.openSource(node.id), "Source"));
      if (state && node.kind === "task")
        buttons.append(toolButton("log", "Open log", () => events.openLog(node.id), "Log"));
      element.append(name, facts, buttons);
      if (state?.reason) {
        const reason = document.createElement("p");
        reason.className = "reason";
        reason.textContent = state.reason;
        element.append(reason);
      }
    },
  };
}
