/** Another instance is filling the index, and gives signs of life: there is nothing to do but to wait for it. */
export class RebuildInProgress extends Error {
  constructor() {
    super("another instance is filling the search index");
  }
}
