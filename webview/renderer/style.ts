/** The look of outputs; in a shadow tree, so that nothing else of the notebook is touched. */
export const style = `
:host { color: var(--vscode-foreground); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); }
p { margin: 4px 0; }
h4 { margin: 10px 0 4px; font-weight: 600; }
.head { font-weight: 600; }
.facts { color: var(--vscode-descriptionForeground); }
.problem { white-space: pre-wrap; border-left: 3px solid var(--vscode-testing-iconFailed, #e51400); padding-left: 8px; }
.table { max-height: 320px; overflow: auto; }
table { border-collapse: collapse; }
th, td { padding: 2px 10px; text-align: left; border-bottom: 1px solid color-mix(in srgb, var(--vscode-foreground) 18%, transparent); white-space: nowrap; }
th { position: sticky; top: 0; background: var(--vscode-notebook-cellEditorBackground, var(--vscode-editor-background)); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
iframe { width: 100%; height: 320px; border: 1px solid color-mix(in srgb, var(--vscode-foreground) 18%, transparent); background: #fff; resize: vertical; }
svg { max-width: 100%; height: auto; display: block; }
svg text { fill: var(--vscode-foreground); font-size: 13px; }
svg .detail { fill: var(--vscode-descriptionForeground); font-size: 11px; }
svg .box { fill: var(--vscode-editorWidget-background); stroke: color-mix(in srgb, var(--vscode-foreground) 25%, transparent); }
svg .group { fill: none; }
svg .edge { fill: none; stroke: var(--vscode-descriptionForeground); opacity: 0.75; }
svg .arrow { fill: var(--vscode-descriptionForeground); }
.tone-good { color: var(--vscode-testing-iconPassed, #388a34); }
.tone-bad { color: var(--vscode-testing-iconFailed, #e51400); }
.tone-running { color: var(--vscode-charts-blue, #1a85ff); }
.tone-waiting { color: var(--vscode-testing-iconQueued, #b89500); }
.tone-skipped, .tone-stopped { color: var(--vscode-descriptionForeground); }
`;

/** A Markdown page, in a frame that knows nothing of the editor's theme. */
export const pageStyle = `
body { font: 14px/1.5 system-ui, sans-serif; color: #1f2328; margin: 12px; }
table { border-collapse: collapse; } th, td { border: 1px solid #d0d7de; padding: 4px 10px; }
pre, code { background: #f3f4f6; } pre { padding: 8px; overflow: auto; } img { max-width: 100%; }
`;
