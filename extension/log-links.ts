/** Stack traces in logs lead to the lines they come from. */
import { DocumentLink, languages, Range, Uri } from "vscode";
import { logReferences } from "./log-references.ts";
import type { Owned } from "./owned.ts";
import { identityOf, logScheme } from "./run-log.ts";
import type { Runtimes } from "./runtime-client.ts";

export function registerLogLinks(runtimes: Runtimes): Owned {
  return languages.registerDocumentLinkProvider(
    { scheme: logScheme },
    {
      async provideDocumentLinks(document, token) {
        const { folder, run } = identityOf(document.uri);
        const references = logReferences(document.getText().split(/\r?\n/));
        if (references.length === 0) return [];
        const places = await runtimes.at(folder).call("places", run, references);
        if (token.isCancellationRequested) return [];
        return references.flatMap(({ at }, index) => {
          const place = places[index];
          if (!place) return [];
          const target = Uri.file(place.path).with({ fragment: `L${place.line + 1},${place.column + 1}` });
          const link = new DocumentLink(new Range(at.line, at.start, at.line, at.end), target);
          link.tooltip = "Open the source";
          return [link];
        });
      },
    },
  );
}
