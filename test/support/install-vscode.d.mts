export function installCodeServer(): string;
export function installChromium(): string | undefined;
