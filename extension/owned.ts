/** Something that lives until whoever made it disposes of it. VS Code's own `Disposable` is a class. */
export interface Owned {
  dispose(): void;
}
