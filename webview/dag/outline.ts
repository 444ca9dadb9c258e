/** The graph as a tree of text: what a screen reader reads, and an outline for everybody. */
import type { LaidOutDag } from "../../language/dag/view.ts";
import type { NodeState } from "../protocol.ts";
import { type TreeRow, treeRows } from "./model.ts";

export interface OutlineEvents {
  select(id: string): void;
  open(id: string): void;
  fold(id: string, folded: boolean): void;
}

export interface Outline {
  readonly element: HTMLElement;
  show(graph: LaidOutDag, states: Readonly<Record<string, NodeState>>): void;
  select(id: string | undefined): void;
}

export function createOutline(events: OutlineEvents): Outline {
  const element = document.createElement("ul");
  element.className = "outline";
  element.setAttribute("role", "tree");
  element.setAttribute("aria-label", "Steps");
  let rows: readonly TreeRow[] = [];
  let selected: string | undefined;

  function paint(): void {
    const current = rows.some((row) => row.id === selected) ? selected : rows[0]?.id;
    element.replaceChildren(
      ...rows.map((row) => {
        const item = document.createElement("li");
        item.setAttribute("role", "treeitem");
        item.setAttribute("aria-level", String(row.level));
        item.setAttribute("aria-posinset", String(row.position));
        item.setAttribute("aria-setsize", String(row.siblings));
        item.setAttribute("aria-selected", String(row.id === selected));
        if (row.expanded !== undefined) item.setAttribute("aria-expanded", String(row.expanded));
        item.dataset["id"] = row.id;
        item.tabIndex = row.id === current ? 0 : -1;
        item.className = `level-${Math.min(row.level, 6)}`;
        item.textContent = row.text;
        return item;
      }),
    );
  }

  function focusRow(index: number): void {
    const row = rows[index];
    if (!row) return;
    events.select(row.id);
    itemOf(element, row.id)?.focus();
  }

  element.addEventListener("click", (event) => {
    const id = event.target instanceof HTMLElement ? event.target.dataset["id"] : undefined;
    if (id !== undefined) events.select(id);
  });
  element.addEventListener("keydown", (event) => {
    const id = event.target instanceof HTMLElement ? event.target.dataset["id"] : undefined;
    const index = rows.findIndex((row) => row.id === id);
    const row = rows[index];
    if (!row) return;
    if (event.key === "ArrowDown") focusRow(index + 1);
    else if (event.key === "ArrowUp") focusRow(index - 1);
    else if (event.key === "Home") focusRow(0);
    else if (event.key === "End") focusRow(rows.length - 1);
    else if (event.key === "ArrowRight" && row.expanded === false) events.fold(row.id, false);
    else if (event.key === "ArrowRight" && row.expanded) focusRow(index + 1);
    else if (event.key === "ArrowLeft" && row.expanded) events.fold(row.id, true);
    else if (event.key === "ArrowLeft")
      focusRow(rows.findLastIndex((above, i) => i < index && above.level < row.level));
    else if (event.key === "Enter") events.open(row.id);
    else return;
    event.preventDefault();
  });

  return {
    element,
    show(graph, states) {
      const next = treeRows(graph, states);
      if (JSON.stringify(next) === JSON.stringify(rows)) return;
      const active = document.activeElement;
      const id = active instanceof HTMLElement && element.contains(active) ? active.dataset["id"] : undefined;
      rows = next;
      paint();
      if (id !== undefined) itemOf(element, id)?.focus();
    },
    select(id) {
      if (id === selected) return;
      for (const [each, on] of [
        [selected, false],
        [id, true],
      ] as const) {
        const item = each === undefined ? undefined : itemOf(element, each);
        item?.setAttribute("aria-selected", String(on));
        if (item) item.tabIndex = on ? 0 : -1;
        if (on) item?.scrollIntoView({ block: "nearest" });
      }
      selected = id;
    },
  };
}

function itemOf(element: HTMLElement, id: string): HTMLElement | undefined {
  for (const item of element.children) if (item instanceof HTMLElement && item.dataset["id"] === id) return item;
  return undefined;
}
