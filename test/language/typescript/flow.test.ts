/** What a pipeline does is what JavaScript does with it: the same steps with the same arguments, the same outputs. */
import { describe, expect, test } from "vitest";
import { head } from "./flow/components.ts";
import { compare } from "./flow/same.ts";

const inputs = [
  {
    n: 1,
    x: 0.5,
    text: "a",
    flag: true,
    words: ["a", "b"],
    rows: [
      { k: "a", n: 1 },
      { k: "b", n: 2 },
    ],
  },
  { n: 2, x: 2, text: "", flag: false, words: [], rows: [] },
  { n: 0, x: 0, text: "b", flag: true, words: ["c"], rows: [{ k: "c", n: 3 }] },
  { n: 3, x: -1, text: "c", flag: false, words: ["a", "c"], rows: [{ k: "a", n: 0 }] },
];

const cases: readonly string[] = [
  "switch (text) { case 'a': note({ text: '1' }); break; default: note(); break; case 'b': case 'c': note({ text: '2' }); }",
  "for (const t of ['a', 'b']) { switch (t) { case 'a': break; default: note({ text: t }); } note({ text: 'after' }); }",
  "for (const row of rows) if (row.k === 'a') note({ text: row.k });",
  "let t = 'a'; if (n > 1) { t = 'b'; note({ text: t }); t = 'a'; } note({ text: t });",
  "if (x > -0.5 && !(x > 1)) note();",
  "const big = n > 1; const both = big && flag; if (both || text === 'a') note(); if (!both) note({ text: 'not' });",
  "if (n) note({ text: 'n' }); if (!text) note({ text: 'empty' }); if (x) note({ text: 'x' }); if (!flag) note({ text: 'f' });",
  "const h = (t: string) => { if (t === 'a') { note({ text: 'a' }); return; } note({ text: 'other' }); }; h(text); h('a'); note({ text: 'end' });",
  "const l = lists({ text }); return l.words.map((w) => l.numbers.map((k) => count({ text: w, n: k }).n));",
  "const l = lists({ text }); for (const w of l.words) { const s = l.numbers.map((k) => count({ text: w, n: k }).n); sum({ all: s }); }",
  "const made = words.map((w) => fit({ data: load().data, depth: n, name: w })); stack({ all: made.map((each) => each.made) });",
  "note({ text: `${words}` }); note({ text: `${rows}` });",
  "const { n: a, ok } = count({ text }); if (ok === flag) note(); if (a >= n) note({ text: 'ge' }); if (n < x) note({ text: 'mixed' });",
  "for (const w of words) { let m; if (w === 'a') m = say({ text: w }).output; else m = say({ text: w + '!' }).output; note({ text: m }); }",
  "let i = 0; for (const t of ['a', 'b']) { i += 2; count({ text: t, n: i }); } count({ text: 'e', n: i++ }); count({ text: 'e', n: i });",
  "if (n > 1) { if (flag) return; note({ text: '1' }); } else note({ text: '2' });",
  "if (n > 1) return; if (flag) return; note({ text: '2' });",
  "if (n > 1) { note({ text: '1' }); return; } for (const w of words) note({ text: w }); if (flag) return; note({ text: '2' });",
  "try { const c = count({ text }); if (c.ok) note({ text: 'ok' }); } finally { note({ text: 'end' }); } note({ text: 'after' });",
  "{ const text = 'inner'; note({ text }); } note({ text });",
  "const s = { ...count({ text }) }; if (s.ok) count({ text: 'k', n: s.n });",
  "if (n !== 1 && (n !== 2 || flag)) note();",
  "switch (text) { default: note(); }",
  "switch (text) { case 'a': default: note(); }",
  "for (const t of ['a', 'b']) { switch ('a') { case 'a': if (true) break; note({ text: 'no' }); break; } note({ text: t }); }",
  "let t; for (t of ['a', 'b']) note({ text: t });",
  "const made: (() => void)[] = []; for (let i = 0; i < 3; i++) made.push(() => note({ text: `${i}` })); for (const make of made) make();",
  "if (['a', 'b'].some((t) => t === text)) note(); if (['a', 'b'].every((t) => t !== text)) note({ text: 'none' });",
  "if (['a', 'b'].includes(text)) note();",
  "['a', 'b'].some((t) => { note({ text: t }); return true; });",
  "note({ text: Object.keys({ 2: 'b', 1: 'a' }).join() }); note({ text: ['x', 'y'].join(text) });",
  "note({ text: String(parseInt('ff', 16)) }); note({ text: Array.from('ab').join() }); note({ text: `${Array.isArray(words)}` });",
  "const o: Record<string, string> = { a: '1' }; Object.assign(o, { b: '2' }); note({ text: Object.values(o).join() });",
  "let s; if (true) s = count({ text }); if (s) note({ text: `${s.n}` });",
  "let s: any = undefined; note({ text: s?.a.b.c() });",
  "for (const w of words) { for (const t of ['a', 'b']) { if (t === 'a') continue; note({ text: w + t }); } }",
  "if (n > 0) { for (const t of ['a', 'b']) { if (t === 'b') break; note({ text: t }); } }",
  "const all = words.map((w) => { for (const t of ['a', 'b']) if (t === 'b') return say({ text: w + t }).output; return say({ text: w }).output; }); join({ all });",
  "const f = () => later; if (n > 1) return; const later = 'z'; note({ text: f() });",
  "let o; if (n > 1) o = { a: text, m: say({ text: '1' }).output }; else o = { a: text, m: say({ text: '2' }).output }; note({ text: o.a }); note({ text: o.m });",
  "if (text === 'C:\\\\dir' || text !== 'a\\\\nb') note();",
  // A choice that only decides is passed on too.
  "const c = n > 1 ? count({ text }) : count({ text: 'z' }); if (c.ok) note();",
  "const l = n > 1 ? lists({ text }) : lists(); for (const w of l.words) note({ text: w });",
  // Loops in loops over the same list: the outer item stays what it is.
  "for (const a of words) for (const b of words) note({ text: a + b });",
  "for (const a of rows) for (const b of rows) if (a.k !== b.k) count({ text: a.k, n: b.n });",
  "for (const a of words) for (const b of parallel(['u', 'v'])) for (const c of words) { note({ text: a + b + c }); for (const d of words) note({ text: a + c + d }); }",
  "for (const a of words) { for (const b of words) note({ text: b }); note({ text: a }); }",
  "if (n > 1) for (const r of parallel([{ k: 'a', n: 1 }])) count({ text: r.k, n: r.n });",
  "try { for (const w of words) { const t = w; } } finally { note({ text }); }",
  // Chains of guards and of choices are one ladder.
  "const m = n > 2 ? say({ text: '1' }).output : n > 1 ? say({ text: '2' }).output : say({ text: '3' }).output; note({ text: m });",
  "const h = () => { if (n > 2) return say({ text: '1' }).output; if (n > 1) { return say({ text: '2' }).output; } return say({ text: '3' }).output; }; note({ text: h() });",
  "const h = (t: string) => { switch (t) { case 'a': return say({ text: '1' }).output; case 'b': return say({ text: '2' }).output; default: return say({ text: '3' }).output; } }; note({ text: h(text) });",
  "const asked = [n > 1, flag]; if (asked.every(Boolean)) note({ text: 'all' }); if (asked.some((each) => each)) note({ text: 'any' });",
  "function f(k: number): void { if (k > 2) return; count({ text, n: k }); f(k + 1); } f(0);",
  "words.forEach(helper); function helper(w: string) { note({ text: w }); }",
  "for (const g of parallel([{ k: 'a', ws: ['b'] }, { k: 'c', ws: [] }])) for (const w of g.ws) note({ text: g.k + w });",
  "const inner = pipeline({}, ({ k }: { k: string }) => { const c = count({ text: k }); if (c.ok) note({ text: k }); return { m: c.n }; }); sum({ all: words.map((w) => inner({ k: w }).m) });",
  "const inner = pipeline({}, ({ ws }: { ws: string[] }) => ({ all: ws.map((w) => say({ text: w }).output) })); for (const t of inner({ ws: words }).all) note({ text: t });",
  "const [a, ...r] = 'abc'; note({ text: a }); for (const c of r) note({ text: c });",
  "const { ok, ...others } = count({ text }); note({ text: `${(others as any).ok}` }); count({ text, n: others.n });",
  "for (const t of ['a', 'b', 'c']) { switch (t) { case 'a': continue; case 'b': note({ text: 'b' }); break; default: note({ text: 'd' }); } note({ text: 'end' + t }); }",
  "const memo: Record<string, string> = {}; const get = (t: string) => (memo[t] ??= say({ text: t }).output); get('a'); note({ text: get('a') });",
  "let i = 7; i %= 4; i **= 2; let t = ''; t ||= 'x'; t &&= 'y'; count({ text: t, n: i });",
  "let o = { k: 'a', n: 1 }; if (n > 1) o = { k: 'a', n: 2 }; note({ text: o.k });",
  // Members of items have the types that are declared, or that constants have.
  "for (const r of rows) if (r.n > 1) note({ text: `${r.n}` });",
  "const l = lists(); for (const { k, n: m } of l.rows) { if (k === 'a') count({ text: k, n: m }); if (m > 1) note({ text: k }); }",
  "for (const { k, n: m } of parallel([{ n: 1, k: 'a' }, { n: 2, k: 'b' }])) { if (k === 'a') count({ text: k, n: m }); if (m > 1) note({ text: k }); }",
  "for (const y of parallel([1, 2.5])) if (y > 2 && y < 3) rate({ x: y });",
  "rate({ x: count({ text }).n }); rate({ x: n });",
  "return { all: words.map((a) => words.map((b) => say({ text: a + b }).output)) };",
];

describe("does what JavaScript does", () => {
  test.each(cases)("%s", async (body) => {
    const text = `${head}export const p = pipeline({}, ({ n, x, text, flag, words, rows }: { n: Int; x: number; text: string; flag: boolean; words: string[]; rows: { k: string; n: Int }[] }) => {\n${body}\n});\n`;
    expect(await compare(text, inputs)).toEqual({ kind: "same" });
  });
});
