export function installCodeServer(): string;
export function installPythonServer(): string | undefined;
export function installChromium(): string | undefined;
