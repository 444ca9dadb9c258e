import type { YamlReaders } from "./context.ts";
import { readComponent } from "./read-component.ts";
import { readYamlValues } from "./yaml-values.ts";

/** All that needs the YAML library: loaded with the first file that needs it. */
export const yamlReaders: YamlReaders = { component: readComponent, values: readYamlValues };
